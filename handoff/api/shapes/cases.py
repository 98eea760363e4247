"""A case, lists of cases, and what is said about one from outside."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field
from sqlalchemy.orm import object_session

from bot.api import Page, PageQuery
from bot.language import veil
from handoff.api.shapes.base import MOST, Plain, Strict, like
from handoff.models import Complaint, Ticket

OTHERS = ("assignee", "merged_into", "split_from", "satisfaction", "facts", "summary", "custom")


class Satisfaction(BaseModel):
    """What the customer was asked when the case was solved."""

    model_config = like(asked_at="2026-11-23T04:00:00Z", answer="satisfied", answered_at="2026-11-23T04:02:00Z")

    asked_at: datetime
    answer: str = Field(description="satisfied, neutral, dissatisfied, or none; empty while he says nothing")
    answered_at: datetime | None

    @classmethod
    def of(cls, ending: Complaint) -> "Satisfaction | None":
        if ending.asked_at is None:
            return None
        return cls(asked_at=ending.asked_at, answer=ending.satisfaction, answered_at=ending.answered_at)


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
        satisfaction=None,
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
    satisfaction: Satisfaction | None = Field(description="how the customer took it; null while he was not asked")
    handoffs: int = Field(description="how often it changed hands")
    repeats: int = Field(description="how often the customer had to explain it again")
    reopened: int
    merged_into: str | None = Field(description="number of the case in which it goes on")
    split_from: str | None
    version: int

    @classmethod
    def of(cls, ticket: Ticket, hidden: Collection[str] = ()) -> "Case":
        plain = {name: getattr(ticket, name) for name in cls.model_fields if name not in OTHERS}
        return cls(
            facts={kind: fact for kind, fact in ticket.facts.items() if kind not in hidden},
            summary=veil(ticket.summary, hidden),
            custom={name: veil(str(value), hidden) for name, value in ticket.custom.items()},
            assignee=ticket.assignee.username if ticket.assignee else None,
            merged_into=_number(ticket, ticket.merged_into_id),
            split_from=_number(ticket, ticket.split_from_id),
            satisfaction=Satisfaction.of(ticket.ending) if ticket.ending else None,
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
