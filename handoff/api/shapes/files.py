"""Files of messages: what a customer sent, and what is sent with a reply."""

from pydantic import BaseModel, ConfigDict, Field
from spectree.model_adapter.pydantic_adapter import BaseFile

from bot.models import Attachment
from bot.web.files import file_address
from handoff.api.shapes.base import like


class Upload(BaseModel):
    """A file as a form sends it."""

    # That it is missing says the route: spectree cannot tell of a mistake beside which there is a file.
    model_config = ConfigDict(json_schema_extra={"required": ["file"]})

    file: BaseFile | None = None


class Enclosure(BaseModel):
    """A file of a message. `url` leads to it for two hours, without a token; null while there is nothing to read."""

    model_config = like(
        id=41,
        name="photo.jpg",
        kind="image",
        type="image/jpeg",
        size=120_000,
        state="stored",
        reason="",
        url="/files/WzQxLCJ3aG9sZSIsMTc5NTMzMDgwMF0.x",
    )

    id: int
    name: str = Field(description="as its sender called it")
    kind: str = Field(description="image, video, audio or file, as its sender said")
    type: str = Field(description="what its bytes say; application/octet-stream where they say nothing that we know")
    size: int
    state: str = Field(description="queued, fetching, preparing, stored, refused, failed, removing or removed")
    reason: str
    url: str | None

    @classmethod
    def of(cls, file: Attachment) -> "Enclosure":
        known = {name: getattr(file, name) for name in cls.model_fields if name != "url"}
        return cls(**known, url=file_address(file) if file.state == "stored" else None)
