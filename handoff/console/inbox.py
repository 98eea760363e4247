"""The list: which conversations a view shows, in which order, and what a row tells about each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.sql.base import ExecutableOption

from bot.clock import now
from bot.models import Conversation, Message
from handoff.clocks import replies_due
from handoff.console import clocks, unread
from handoff.console.clocks import Clock
from handoff.models import DONE, LIVE, Ticket
from handoff.tickets import guests

VIEWS = ("new", "mine", "joined", "all", "bot", "closed")
GUESTS = ("joined",)
LIMIT = 100
COUNTED = 1000  # the sidebar counts no further: what it says beyond is "many"


@dataclass(frozen=True)
class Row:
    """One line of the list. `ticket` is None for a conversation that the bot holds."""

    conversation: Conversation
    ticket: Ticket | None
    last: Message | None
    unread: int
    clock: Clock | None
    next_due: datetime | None = None

    @property
    def name(self) -> str:
        contact = self.conversation.contact
        return contact.name if contact else ""

    @property
    def waits_for_us(self) -> bool:
        return self.ticket is not None and self.ticket.state in ("new", "open")

    @property
    def due(self) -> datetime:
        """What the list is sorted by: until when the customer is to hear from us, first or again."""
        if self.ticket is None:
            return self.conversation.created_at
        if self.ticket.first_response_at is None:
            return self.ticket.first_response_due_at
        return self.next_due or self.ticket.waiting_since or self.ticket.opened_at


@dataclass(frozen=True)
class Inbox:
    """A view's rows: what needs a reply, soonest first, and the rest, newest first."""

    view: str
    asking: list[Row]
    resting: list[Row]

    @property
    def rows(self) -> list[Row]:
        return self.asking + self.resting


def load(session: Session, view: str, user_id: int) -> Inbox:
    """The rows of a view."""
    if view == "bot":
        conversations = session.scalars(_bot_held()).unique().all()
        pairs: list[tuple[Conversation, Ticket | None]] = [(c, None) for c in conversations]
    else:
        tickets = session.scalars(_tickets(view, user_id)).unique().all()
        pairs = [(t.conversation, t) for t in tickets]
    shown = rows(session, pairs)
    asking = sorted((row for row in shown if row.waits_for_us), key=lambda row: row.due)
    resting = [row for row in shown if not row.waits_for_us]
    return Inbox(view, asking, resting if view == "closed" else sorted(resting, key=_latest, reverse=True))


def _latest(row: Row) -> datetime:
    return row.last.created_at if row.last else row.conversation.created_at


def counts(session: Session, views: Sequence[str], user_id: int) -> dict[str, int]:
    """How many conversations each of these live views holds, for the sidebar; at most COUNTED."""
    found: dict[str, Select[Any]] = {
        view: select(Conversation.id).where(_BOT_HELD)
        if view == "bot"
        else select(Ticket.id).where(_of_view(view, user_id))
        for view in views
        if view != "closed"
    }
    return {view: _count(session, rows) for view, rows in found.items()}


def _count(session: Session, rows: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(rows.limit(COUNTED).subquery())) or 0


_BOT_HELD = and_(Conversation.owner == "bot", Conversation.last_customer_at.is_not(None))


def _of_view(view: str, user_id: int) -> ColumnElement[bool]:
    unresolved = Ticket.state.in_(LIVE)  # named, since an index finds what is there but not what is missing
    match view:
        case "new":
            return and_(unresolved, Ticket.assignee_id.is_(None))
        case "mine":
            return and_(unresolved, Ticket.assignee_id == user_id)
        case "joined":
            return and_(unresolved, guests.visible(user_id))
        case "closed":
            return Ticket.state.in_(DONE)
    return unresolved


def _tickets(view: str, user_id: int) -> Select[Ticket]:
    newest = Ticket.resolved_at.desc() if view == "closed" else Ticket.id.desc()
    return select(Ticket).where(_of_view(view, user_id)).options(*with_whom()).order_by(newest).limit(LIMIT)


def with_whom() -> list[ExecutableOption]:
    """Have cases read together with what their rows tell of the customer and his channel."""
    return [joinedload(Ticket.conversation).joinedload(Conversation.account), joinedload(Ticket.contact)]


def _bot_held() -> Select[Conversation]:
    options = joinedload(Conversation.account), joinedload(Conversation.contact)
    newest = Conversation.last_customer_at.desc()
    return select(Conversation).where(_BOT_HELD).options(*options).order_by(newest).limit(LIMIT)


def rows(session: Session, pairs: Sequence[tuple[Conversation, Ticket | None]]) -> list[Row]:
    """What the list tells of each of these conversations and cases."""
    cases = [ticket.id for _, ticket in pairs if ticket]
    bots = _last_messages(session, [conversation.id for conversation, ticket in pairs if not ticket])
    last, waiting = unread.last(session, cases), unread.counts(session, cases)
    due, at = replies_due(session, cases), now()
    return [
        _of_case(conversation, ticket, last.get(ticket.id), waiting.get(ticket.id, 0), due.get(ticket.id), at)
        if ticket
        else Row(conversation, None, bots.get(conversation.id), 0, None)
        for conversation, ticket in pairs
    ]


def _of_case(
    conversation: Conversation, ticket: Ticket, last: Message | None, waiting: int, due: datetime | None, at: datetime
) -> Row:
    clock = clocks.of_row(ticket, last.created_at if last else ticket.opened_at, at, due)
    return Row(conversation, ticket, last, waiting, clock, due)


def _last_messages(session: Session, ids: Sequence[int]) -> dict[int, Message]:
    """The newest message of each conversation that the customer can see."""
    newest = select(func.max(Message.id)).where(Message.conversation_id.in_(ids), Message.kind != "note")
    found = session.scalars(
        select(Message)
        .where(Message.id.in_(newest.group_by(Message.conversation_id)))
        .options(joinedload(Message.user))
    )
    return {message.conversation_id: message for message in found}
