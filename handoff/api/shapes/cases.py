"""A case, lists of cases, and what is said about one from outside."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field
from sqlalchemy.orm import object_session

from bot.api import Page, PageQuery
from handoff.api.shapes.base import MOST, Line, Named, OneOf, Plain, Strict, Words, like
from handoff.models import Ticket
from handoff.tickets.filing import TYPES

OTHERS = ("assignee", "merged_into", "split_from")


class Case(BaseModel):
    """A case in human hands."""

    model_config = like(
        number="CS-261122-0001",
        state="open",
        level="L2",
        priority="high",
        type="question",
        risk="high",
        category="return_refund",
        team="service",
        department="",
        assignee="wang",
        source="line",
        reason="顧客要找真人",
        summary="顧客想退 GB1118",
        facts={"order_number": "GB1118"},
        taps=["怎麼退貨"],
        tags=["退款"],
        custom={"門市": "台北"},
        conversation_id=7,
        contact_id=5,
        opened_at="2026-11-22T04:00:00Z",
        first_response_due_at="2026-11-22T04:30:00Z",
        first_response_at=None,
        resolution_due_at="2026-11-23T04:00:00Z",
        proposed_at=None,
        resolved_at=None,
        closed_at=None,
        resolution="",
        outcome="",
        handoffs=1,
        repeats=0,
        reopened=0,
        merged_into=None,
        split_from=None,
        version=3,
    )

    number: str
    state: str = Field(description="new, open, waiting, department, resolved or closed")
    level: str
    priority: str
    type: str
    risk: str
    category: str
    team: str
    department: str
    assignee: str | None = Field(description="user name of whoever has it")
    source: str
    reason: str
    summary: str
    facts: dict[str, Any]
    taps: list[str]
    tags: list[str]
    custom: dict[str, Any]
    conversation_id: int
    contact_id: int | None
    opened_at: datetime
    first_response_due_at: datetime
    first_response_at: datetime | None
    resolution_due_at: datetime
    proposed_at: datetime | None = Field(description="when the customer was asked whether it is solved")
    resolved_at: datetime | None
    closed_at: datetime | None
    resolution: str = Field(description="solved, handed_back or merged; empty while it lives")
    outcome: str
    handoffs: int = Field(description="how often it changed hands")
    repeats: int = Field(description="how often the customer had to explain it again")
    reopened: int
    merged_into: str | None = Field(description="number of the case in which it goes on")
    split_from: str | None
    version: int

    @classmethod
    def of(cls, ticket: Ticket) -> "Case":
        plain = {name: getattr(ticket, name) for name in cls.model_fields if name not in OTHERS}
        return cls(
            assignee=ticket.assignee.username if ticket.assignee else None,
            merged_into=_number(ticket, ticket.merged_into_id),
            split_from=_number(ticket, ticket.split_from_id),
            **plain,
        )


def _number(ticket: Ticket, other_id: int | None) -> str | None:
    """The number of the case that this one led to or came from; few have such."""
    session = object_session(ticket)
    return session.get_one(Ticket, other_id).number if session and other_id else None


class Cases(Page[Case]):
    """Cases, newest first."""


class CaseQuery(PageQuery):
    """Which cases; what is left out does not matter."""

    state: Plain = ""
    level: Plain = ""
    team: Plain = ""
    assignee: Plain = Field("", description="a user name")
    contact_id: int | None = Field(None, ge=1, le=MOST)


class Search(Strict):
    """What a caller tells us: a case number, a phone number, an e-mail address, or a fact of the case."""

    q: Annotated[Plain, Field(min_length=3)]


class Transfer(Strict):
    """To a colleague (user name) or a team's queue, and why."""

    model_config = like(to="returns", why="要查倉庫")

    to: Named
    why: Words


class Seen(Strict):
    """The newest message that whoever decides this had read."""

    model_config = like(seen_message_id=812)

    seen_message_id: int = Field(ge=0, le=MOST)


class Why(Strict):
    """A reason, for the record."""

    model_config = like(why="顧客來電說又壞了")

    why: Annotated[Line, Field(min_length=1)]


class Cover(Strict):
    """What people write on a case; all of it, as it shall stand."""

    model_config = like(type="request", tags=["退款", "急"], custom={"門市": "台北"}, outcome="已換貨")

    type: Annotated[str, OneOf(TYPES)]
    tags: list[Plain] = Field([], max_length=20)
    custom: dict[Plain, Line] = Field({}, max_length=20)
    outcome: Line = ""


class Into(Strict):
    """The case in which this matter goes on."""

    model_config = like(into="CS-261122-0001")

    into: Named


class Matter(Strict):
    """What the second case is about, in one sentence."""

    model_config = like(matter="另外一張發票要改統編")

    matter: Words
