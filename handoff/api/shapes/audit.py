"""What was changed of how the house is arranged."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from bot.api import Page, PageQuery
from bot.models import JournalEntry
from handoff import auditing
from handoff.api.shapes.base import OneOf, Plain, like

MEMBER = "member"


class Record(BaseModel):
    """A change: who made it, to whom, and in `data` what differs, with `before` and `after`."""

    model_config = like(
        id=1201,
        kind="user.changed",
        at="2026-11-22T04:01:00Z",
        by="lin",
        member="wang",
        data={"before": {"role": "agent"}, "after": {"role": "specialist"}},
    )

    id: int
    kind: str
    at: datetime
    by: str | None = Field(description="user name; null where the house itself or an operator at a terminal did it")
    member: str | None = Field(description="user name of whom it was done to; null where it is not about a person")
    data: dict[str, Any]

    @classmethod
    def of(cls, entry: JournalEntry, names: Mapping[int, str]) -> "Record":
        about = {name: value for name, value in entry.data.items() if name != MEMBER}
        by, member = names.get(entry.user_id or 0), names.get(entry.data.get(MEMBER) or 0)
        return cls(id=entry.id, kind=entry.kind, at=entry.at, by=by, member=member, data=about)


class Records(Page[Record]):
    """Changes, newest first."""


class RecordQuery(PageQuery):
    """Which changes: without `about` all but sign-ins."""

    about: Annotated[str, OneOf(("", *auditing.KINDS))] = ""
    person: Plain = Field("", description="a user name")
