"""What the shapes are made of: kinds of text and time, and the example that each carries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    StringConstraints,
)
from pydantic_core import CoreSchema, core_schema

MOST = 2**31 - 1
PLAIN = r"^[^\x00]*$"
Words = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
Line = Annotated[str, StringConstraints(max_length=200, pattern=PLAIN)]
Named = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=PLAIN)]
Plain = Annotated[str, StringConstraints(max_length=80, pattern=PLAIN)]
Id = Annotated[int, Field(ge=1, le=MOST)]


@dataclass(frozen=True)
class OneOf:
    """A text that is one of these; the document lists them."""

    known: Sequence[str]

    def __get_pydantic_core_schema__(self, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.literal_schema(list(self.known))


def _of_our_days(at: datetime) -> datetime:
    """Further away no calendar can count with it."""
    if not 2000 <= at.year < 2200:
        raise ValueError("the year is not of our days")
    return at.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_of_our_days)]


def like(**fields: Any) -> ConfigDict:
    """The example of a shape, for the document."""
    return ConfigDict(json_schema_extra={"examples": [fields]})


def example(shape: type[BaseModel]) -> Any:
    """The example of a shape, to stand in another's."""
    return shape.model_json_schema()["examples"][0]


class Strict(BaseModel):
    """A request says nothing that we would not read."""

    model_config = ConfigDict(extra="forbid")
