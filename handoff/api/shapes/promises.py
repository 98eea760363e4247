"""Promises to customers, and what must be known about a complaint."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from bot.api import Page, PageQuery
from handoff.api.shapes.base import PLAIN, Line, Moment, OneOf, Plain, Strict, like
from handoff.models import CasePromise, Complaint
from handoff.tickets import complaints

FOUND = ("responsible", "cause", "remedy", "reply_message_id", "asked_at", "satisfaction", "answered_at")
Finding = Annotated[str, Field(max_length=2000, pattern=PLAIN)]


class Promised(BaseModel):
    """What was promised; state: open, kept, or broken, which may still be kept late."""

    model_config = like(
        id=3,
        ticket="CS-261122-0001",
        what="退款入帳",
        to_whom="陳怡君",
        due_at="2026-11-25T10:00:00Z",
        state="open",
        made_by="wang",
        made_at="2026-11-22T04:10:00Z",
        broken_at=None,
        kept_at=None,
    )

    id: int
    ticket: str
    what: str
    to_whom: str
    due_at: datetime
    state: str
    made_by: str
    made_at: datetime
    broken_at: datetime | None
    kept_at: datetime | None

    @classmethod
    def of(cls, promise: CasePromise) -> "Promised":
        plain = {name: getattr(promise, name) for name in cls.model_fields if name not in ("ticket", "made_by")}
        return cls(ticket=promise.ticket.number, made_by=promise.maker.username, **plain)


class Promises(Page[Promised]):
    """Promises, newest first."""


class PromiseQuery(PageQuery):
    """Which promises; nothing given: all."""

    state: Annotated[str, OneOf(("", "open", "kept", "broken"))] = ""


class Promise(Strict):
    """What, to whom, by when."""

    model_config = like(what="退款入帳", to_whom="陳怡君", due_at="2027-11-25T18:00:00+08:00")

    what: Annotated[Line, Field(min_length=1)]
    to_whom: Plain = ""
    due_at: Moment


class Found(BaseModel):
    """A complaint; `missing` names what must still be known before it may be resolved, `remedies` what is usual."""

    model_config = like(
        responsible="倉儲",
        cause="出貨前未檢查",
        remedy="全額退款",
        reply_message_id=None,
        asked_at=None,
        satisfaction="",
        answered_at=None,
        missing=["reply"],
        remedies=["全額退款", "換新品"],
    )

    responsible: str
    cause: str
    remedy: str
    reply_message_id: int | None = Field(description="what the customer was told came of it")
    asked_at: datetime | None = Field(description="when the customer was asked how satisfied he is")
    satisfaction: str = Field(description="satisfied, neutral, dissatisfied, or none: asked, and no answer in time")
    answered_at: datetime | None
    missing: list[str]
    remedies: list[str]

    @classmethod
    def of(cls, complaint: Complaint) -> "Found":
        plain = {name: getattr(complaint, name) for name in FOUND}
        return cls(missing=complaints.missing(complaint), remedies=list(complaints.remedies()), **plain)


class Investigation(Strict):
    """Who was responsible, why it happened, what is done about it; empty where it is not known yet."""

    model_config = like(responsible="倉儲", cause="出貨前未檢查", remedy="全額退款")

    responsible: Plain
    cause: Finding
    remedy: Finding
