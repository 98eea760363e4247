"""Departments on a case, and whether two contacts are one person."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, StringConstraints

from bot.api import Page
from handoff.api.shapes.base import PLAIN, Id, Line, Named, OneOf, Strict, like
from handoff.models import CaseMember, ContactKey, ContactMerge, ContactNote
from handoff.tickets.annotating import LONGEST
from handoff.tickets.persons import HOW


class Guest(BaseModel):
    """A department's contact on a case; with the floor he may write to the customer himself."""

    model_config = like(
        username="api-0123456789ab",
        department="warehouse",
        floor=False,
        joined_at="2026-11-22T04:10:00Z",
        accepted_at=None,
        left_at=None,
    )

    username: str
    department: str
    floor: bool
    joined_at: datetime
    accepted_at: datetime | None
    left_at: datetime | None

    @classmethod
    def of(cls, member: CaseMember) -> "Guest":
        plain = {name: getattr(member, name) for name in cls.model_fields if name != "username"}
        return cls(username=member.user.username, **plain)


class Guests(Page[Guest]):
    """Departments' contacts who are on a case, or were, newest first."""


class Ask(Strict):
    """Which department, which of its people (user name), and what for."""

    model_config = like(department="warehouse", contact="api-0123456789ab", why="庫存還有嗎")

    department: Named
    contact: Named
    why: Line = ""


class Floor(Strict):
    """Whether he may write to the customer himself."""

    model_config = like(floor=True)

    floor: bool


class Proof(Strict):
    """A number or an address that the customer proved to be his, and by what."""

    model_config = like(kind="phone", value="0912345678", how="called_back")

    kind: Annotated[str, OneOf(("phone", "email"))]
    value: Line
    how: Annotated[str, OneOf(HOW)]


class Key(BaseModel):
    """What a contact proved to be his."""

    model_config = like(
        contact_id=5, kind="phone", value="0912345678", how="called_back", verified_at="2026-11-22T04:20:00Z"
    )

    contact_id: int
    kind: str
    value: str
    how: str
    verified_at: datetime

    @classmethod
    def of(cls, key: ContactKey) -> "Key":
        return cls(**{name: getattr(key, name) for name in cls.model_fields})


class Remark(Strict):
    """What is to be known of a customer."""

    model_config = like(text="下午兩點後才方便接電話")

    text: Annotated[str, StringConstraints(max_length=LONGEST, pattern=PLAIN)]


class CustomerNote(BaseModel):
    """What colleagues noted of a customer last."""

    model_config = like(contact_id=5, text="下午兩點後才方便接電話", by="wang", written_at="2026-11-22T04:20:00Z")

    contact_id: int
    text: str
    by: str
    written_at: datetime

    @classmethod
    def of(cls, note: ContactNote) -> "CustomerNote":
        return cls(contact_id=note.contact_id, text=note.text, by=note.user.username, written_at=note.written_at)


class CustomerNotes(Page[CustomerNote]):
    """The newest of the contact and of each that was merged into it; all of them, as there are few."""


class Other(Strict):
    """The contact who is the same person as the customer of this case."""

    model_config = like(contact_id=9)

    contact_id: Id


class Merge(BaseModel):
    """From `merged_at` until `undone_at` the one contact was found to be the other."""

    model_config = like(id=2, kept_id=5, merged_id=9, kind="phone", merged_at="2026-11-22T04:21:00Z", undone_at=None)

    id: int
    kept_id: int
    merged_id: int
    kind: str
    merged_at: datetime
    undone_at: datetime | None

    @classmethod
    def of(cls, merge: ContactMerge) -> "Merge":
        return cls(**{name: getattr(merge, name) for name in cls.model_fields})


class Merges(Page[Merge]):
    """Who was found to be this contact, newest first; those that were undone too."""
