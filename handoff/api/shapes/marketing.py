"""Whom marketing must not write to now."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, model_validator

from bot.api import Page
from bot.models import Identity
from handoff.api.shapes.base import PLAIN, Id, OneOf, Strict, example, like

MOST_AT_ONCE = 500
CHANNELS = ("line", "messenger", "instagram")
User = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=PLAIN)]


class Named(Strict):
    """A customer: by a platform's id of him, or by the contact's."""

    model_config = like(channel="line", user="U4af4980629", contact_id=None)

    channel: Annotated[str, OneOf(CHANNELS)] = "line"
    user: User | None = None
    contact_id: Id | None = None

    @model_validator(mode="after")
    def one_name(self) -> "Named":
        if (self.user is None) is (self.contact_id is None):
            raise ValueError("name the customer by user or by contact_id")
        return self


class Suppression(BaseModel):
    """Whether marketing must not write to a customer now. Nobody whom we know: it may."""

    model_config = like(channel="line", user="U4af4980629", contact_id=None, known=True, suppressed=True)

    channel: str
    user: str | None
    contact_id: int | None
    known: bool
    suppressed: bool = Field(description="his case is open, a person talks with him, or he fills in a form for one")


class Asked(Strict):
    """Customers to whom marketing is about to write."""

    model_config = like(customers=[example(Named)])

    customers: Annotated[list[Named], Field(min_length=1, max_length=MOST_AT_ONCE)]


class Suppressions(BaseModel):
    """Each customer who was asked about, in order."""

    model_config = like(items=[example(Suppression)])

    items: list[Suppression]


class Suppressed(BaseModel):
    """A customer to whom marketing must not write now, as one of our accounts knows him."""

    model_config = like(contact_id=12, channel="line", account="U8e742f61d673b39c", user="U4af4980629")

    contact_id: int
    channel: str
    account: str
    user: str

    @classmethod
    def of(cls, row: Identity) -> "Suppressed":
        account = row.account
        return cls(
            contact_id=row.contact_id, channel=account.channel, account=account.external_id, user=row.external_id
        )


class SuppressedOnes(Page[Suppressed]):
    """Everybody to whom marketing must not write now."""
