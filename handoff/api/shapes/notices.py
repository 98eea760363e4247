"""Who was told what and what became of it; and the programs elsewhere that are told."""

from datetime import datetime

from pydantic import BaseModel, Field

from bot.api import Page, PageQuery
from handoff.api.shapes.base import Plain, example, like
from handoff.models import Delivery, Notice


class Way(BaseModel):
    """A notice by one medium: queued, sending, sent, failed, cancelled (seen before it went) or collapsed."""

    model_config = like(
        medium="email",
        state="sent",
        why="",
        attempts=1,
        error="",
        due_at="2026-11-22T04:00:00Z",
        sent_at="2026-11-22T04:00:01Z",
    )

    medium: str
    state: str
    why: str = Field(description="fallback or quiet")
    attempts: int
    error: str
    due_at: datetime
    sent_at: datetime | None

    @classmethod
    def of(cls, delivery: Delivery) -> "Way":
        return cls(**{name: getattr(delivery, name) for name in cls.model_fields})


class Told(BaseModel):
    """Somebody was told of something. Nobody named: the staff's group, or programs."""

    model_config = like(
        id=31,
        about="ticket.assigned",
        ticket="CS-261122-0001",
        to="wang",
        backup_for=None,
        told_at="2026-11-22T04:00:00Z",
        seen_at="2026-11-22T04:01:00Z",
        ways=[example(Way)],
    )

    id: int
    about: str
    ticket: str | None
    to: str | None
    backup_for: int | None = Field(description="the notice whose receiver did not look")
    told_at: datetime
    seen_at: datetime | None
    ways: list[Way]

    @classmethod
    def of(cls, notice: Notice) -> "Told":
        return cls(
            id=notice.id,
            about=notice.kind,
            ticket=notice.ticket.number if notice.ticket else None,
            to=notice.user.username if notice.user else None,
            backup_for=notice.backs_id,
            told_at=notice.created_at,
            seen_at=notice.seen_at,
            ways=[Way.of(delivery) for delivery in notice.deliveries],
        )


class Notices(Page[Told]):
    """Notices, newest first."""


class NoticeQuery(PageQuery):
    """Which notices."""

    user: Plain = Field("", description="a user name")
    about: Plain = Field("", description="a kind, such as ticket.assigned")
