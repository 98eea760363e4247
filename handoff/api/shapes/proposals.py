"""What the bot prepared, and what people decided about it."""

from datetime import datetime
from typing import Annotated, Any

from flask_babel import gettext
from pydantic import BaseModel

from bot.api import Page, PageQuery
from handoff.api.shapes.base import MOST, Id, Line, OneOf, Strict, Words, like
from handoff.models import ChangeOfOrder, Proposal


class OrderChanged(BaseModel):
    """A change of an order, made by the shop's system once it is approved. by_hand: `why` somebody has to look."""

    model_config = like(
        number="GB1118-20731",
        kind="address",
        value="台北市信義區松仁路100號",
        state="by_hand",
        why="refused",
        reason="已經出貨，不能再改。",
    )

    number: str
    kind: str
    value: str
    state: str
    why: str
    reason: str

    @classmethod
    def of(cls, change: ChangeOfOrder | None) -> "OrderChanged | None":
        if change is None:
            return None
        plain = {name: getattr(change, name) for name in cls.model_fields if name != "reason"}
        return cls(**plain, reason=gettext(change.reason, **change.facts) if change.reason else "")


class Prepared(BaseModel):
    """A proposal. Until its state is approved no customer hears it; of two approvals `first_by` gave the first.

    carrying: it is approved, and is being made; a change without an `order` is made by hand.
    """

    model_config = like(
        id=4,
        ticket="CS-261122-0001",
        kind="change",
        state="pending",
        text="已經把您的撥款帳戶改為您提供的帳號。",
        changes={"change_wanted": "012-345678901"},
        order=None,
        proof="email c***@example.com",
        approvals=2,
        first_by="wang",
        decided_by=None,
        why="",
        made_at="2026-11-22T04:10:00Z",
        decided_at=None,
    )

    id: int
    ticket: str
    kind: str
    state: str
    text: str
    changes: dict[str, Any]
    order: OrderChanged | None
    proof: str
    approvals: int
    first_by: str | None
    decided_by: str | None
    why: str
    made_at: datetime
    decided_at: datetime | None

    @classmethod
    def of(cls, row: Proposal) -> "Prepared":
        people = {"first_by": row.first, "decided_by": row.decider}
        plain = {name: getattr(row, name) for name in cls.model_fields if name not in ("ticket", "order", *people)}
        named = {name: user.username if user else None for name, user in people.items()}
        return cls(ticket=row.ticket.number, order=OrderChanged.of(row.order), **named, **plain)


class Proposals(Page[Prepared]):
    """Proposals, newest first."""


class ProposalQuery(PageQuery):
    """Which proposals; nothing given: all."""

    state: Annotated[str, OneOf(("", "pending", "carrying", "approved", "refused", "revised", "taken_back"))] = ""


class Approval(Strict):
    """What the customer will read, as it is or edited; `seen_message_id`: the last message that was read.

    `value`: what of an order becomes what, where it is not what was prepared.
    """

    model_config = like(text="已經把您的撥款帳戶改為您提供的帳號。", seen_message_id=MOST, value="")

    text: Words
    seen_message_id: Id
    value: Line = ""


class Looked(Strict):
    """The last message that was read."""

    model_config = like(seen_message_id=MOST)

    seen_message_id: Id


class Refusal(Strict):
    """Why it does not go out, for colleagues."""

    model_config = like(why="帳號和合約上的名字不符")

    why: Line
