"""What happened to a case, and the way of one message."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from bot.api import Page
from bot.models import JournalEntry
from handoff.api.shapes.base import example, like
from handoff.tickets.journeys import Stop


class Entry(BaseModel):
    """Something that happened to a case, as the journal tells it: ids and judgements, nobody's words."""

    model_config = like(
        id=1201,
        kind="ticket.assigned",
        at="2026-11-22T04:01:00Z",
        by="lin",
        message_id=None,
        data={"to_user": 4, "why": "要查倉庫"},
    )

    id: int
    kind: str
    at: datetime
    by: str | None = Field(description="user name; null where the house itself did it")
    message_id: int | None
    data: dict[str, Any]

    @classmethod
    def of(cls, entry: JournalEntry, by: str | None) -> "Entry":
        return cls(id=entry.id, kind=entry.kind, at=entry.at, by=by, message_id=entry.message_id, data=entry.data)


class History(Page[Entry]):
    """What happened to a case, newest first."""


class Station(BaseModel):
    """A station of a message's way, and when it passed it; null: not yet, or it never had to."""

    model_config = like(station="assigned", at="2026-11-22T04:01:00Z", who="王志豪")

    station: str
    at: datetime | None
    who: str

    @classmethod
    def of(cls, stop: Stop) -> "Station":
        return cls(station=stop.station, at=stop.at, who=stop.who)


class Journey(BaseModel):
    """The way of a customer's message through the house, in order."""

    model_config = like(stations=[example(Station)])

    stations: list[Station]
