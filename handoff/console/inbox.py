"""The list: the rows of a view in their order, a page at a time, and what a row tells about each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session, joinedload, load_only
from sqlalchemy.sql.base import ExecutableOption

from bot.clock import now
from bot.models import Account, Contact, Conversation, Message, User
from handoff.clocks import pressing, replies_due
from handoff.console import clocks, unread
from handoff.console.clocks import Clock
from handoff.console.filters import Filter
from handoff.console.parts import PAGE, Order, Part, cut
from handoff.console.views import BOT_HELD, holds
from handoff.models import Clock as CaseClock
from handoff.models import Ticket

OURS = ("new", "open")  # the customer waits for us
NOTHING: Part["Row"] = Part()
PLACE = Conversation.account_id, Conversation.contact_id, Conversation.created_at
TOLD = (
    Ticket.number,
    Ticket.conversation_id,
    Ticket.contact_id,
    Ticket.state,
    Ticket.category,
    Ticket.level,
    Ticket.assignee_id,
    Ticket.opened_at,
    Ticket.waiting_since,
    Ticket.first_response_due_at,
    Ticket.first_response_at,
    Ticket.resolution_due_at,
    Ticket.resolved_at,
)
"""What rows and their clocks read of a case and of its conversation: facts and summaries are long."""


@dataclass(frozen=True)
class Row:
    """One line of the list. `ticket` is None for a conversation that the bot holds.

    `owed`: what the clock counts, where that is said: in the view of what is due.
    """

    conversation: Conversation
    ticket: Ticket | None
    last: Message | None
    unread: int
    clock: Clock | None
    owed: str = ""

    @property
    def name(self) -> str:
        contact = self.conversation.contact
        return contact.name if contact else ""

    @property
    def waits_for_us(self) -> bool:
        return self.ticket is not None and self.ticket.state in OURS


@dataclass(frozen=True)
class Looking:
    """Which part of a view: of `only` one group what comes `after` a place, or as many of each group as are shown."""

    only: str = ""
    after: str = ""
    asking: int = PAGE
    resting: int = PAGE


@dataclass(frozen=True)
class Inbox:
    """A view's rows: what needs a reply, soonest first, and the rest, newest first."""

    view: str
    only: str
    asking: Part[Row]
    resting: Part[Row]

    @property
    def rows(self) -> list[Row]:
        return [*self.asking.shown, *self.resting.shown]


def blank(view: str) -> Row:
    """A row that tells of nobody: the page draws what the stream tells of a case in its likeness.

    Such a case waits for its first answer, which a list of what is nearly due says beside the time.
    """
    contact, at = Contact(name="", tier="-"), now()
    conversation = Conversation(contact=contact, account=Account(channel="line"), created_at=at)
    ticket = Ticket(number="NUMBER", level="L3", category="", state="new", assignee=User(name="-"))
    clock = clocks.countdown(at, at + timedelta(hours=1), at)
    return Row(conversation, ticket, None, 0, clock, "first" if view == "due" else "")


def load(
    session: Session, view: str, user_id: int, narrowed: Filter | None = None, looking: Looking | None = None
) -> Inbox:
    """The rows of a view that a filter leaves."""
    look = looking or Looking()
    if view == "bot":
        order = Order(Conversation.last_customer_at, Conversation.id, newest_first=True)
        held = cut(session, _bot_held(), order, look.after, look.resting)
        pairs: list[tuple[Conversation, Ticket | None]] = [(conversation, None) for conversation in held.shown]
        return Inbox(view, look.only, NOTHING, Part(rows(session, pairs), held.following))
    held_by_view = holds(view, user_id, now() + pressing.SOON)
    wanted = select(Ticket).where(held_by_view, *(narrowed or Filter()).conditions(session)).options(*with_whom())
    if view == "closed":
        over = Order(Ticket.resolved_at, Ticket.id, newest_first=True)
        return Inbox(view, look.only, NOTHING, _cases(session, wanted, over, look.after, look.resting))
    if view == "due":
        soonest = Order(pressing.next_due(), Ticket.id, newest_first=False)
        return Inbox(
            view, look.only, _owed(session, _cases(session, wanted, soonest, look.after, look.asking)), NOTHING
        )
    asking = wanted.where(Ticket.state.in_(OURS)), Order(_due(), Ticket.id, newest_first=False)
    resting = wanted.where(Ticket.state.not_in(OURS)), Order(_said_last(), Ticket.id, newest_first=True)
    return Inbox(
        view,
        look.only,
        NOTHING if look.only == "resting" else _cases(session, *asking, look.after, look.asking),
        NOTHING if look.only == "asking" else _cases(session, *resting, look.after, look.resting),
    )


def _cases(session: Session, wanted: Select[Ticket], order: Order, after: str, size: int) -> Part[Row]:
    found = cut(session, wanted, order, after, size)
    return Part(rows(session, [(ticket.conversation, ticket) for ticket in found.shown]), found.following)


def _owed(session: Session, part: Part[Row]) -> Part[Row]:
    """With the clock of what is due next, whatever that is."""
    soonest, at = pressing.soonest(session, [row.ticket.id for row in part.shown if row.ticket]), now()
    return Part([_of_what_is_owed(row, soonest, at) for row in part.shown], part.following)


def _of_what_is_owed(row: Row, soonest: Mapping[int, CaseClock], at: datetime) -> Row:
    owed = soonest.get(row.ticket.id) if row.ticket else None
    if owed is None or owed.due_at is None:
        return row
    return replace(row, clock=clocks.countdown(owed.started_at, owed.due_at, at), owed=owed.kind)


@cache
def _due() -> ColumnElement[datetime]:
    """Until when the customer is to hear from us, first or again; who waits for no word, until when it is solved."""
    again = select(func.min(CaseClock.due_at)).where(
        CaseClock.ticket_id == Ticket.id, CaseClock.kind.in_(("first", "next")), CaseClock.stopped_at.is_(None)
    )
    next_due = func.coalesce(again.correlate(Ticket).scalar_subquery(), Ticket.waiting_since, Ticket.resolution_due_at)
    return case((Ticket.first_response_at.is_(None), Ticket.first_response_due_at), else_=next_due)


@cache
def _said_last() -> ColumnElement[datetime]:
    """When something was said in the case's own conversation, note or not."""
    said = select(Message.created_at).where(Message.conversation_id == Ticket.conversation_id)
    last = said.order_by(Message.id.desc()).limit(1).correlate(Ticket).scalar_subquery()
    return func.coalesce(last, Ticket.opened_at)


@cache
def with_whom() -> tuple[ExecutableOption, ...]:
    """Have cases read with what their rows tell: of the customer, his channel and who has them; without the rest."""
    place = joinedload(Ticket.conversation)
    return (
        load_only(*TOLD, raiseload=True),
        place.load_only(*PLACE, raiseload=True),
        place.joinedload(Conversation.account).load_only(Account.channel, raiseload=True),
        joinedload(Ticket.contact).load_only(Contact.name, Contact.tier, raiseload=True),
        joinedload(Ticket.assignee).load_only(User.name, raiseload=True),
    )


def _bot_held() -> Select[Conversation]:
    options = joinedload(Conversation.account), joinedload(Conversation.contact)
    return select(Conversation).where(BOT_HELD).options(*options)


def rows(session: Session, pairs: Sequence[tuple[Conversation, Ticket | None]]) -> list[Row]:
    """What the list tells of each of these conversations and cases; of none, nothing is asked."""
    if not pairs:
        return []
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
    return Row(conversation, ticket, last, waiting, clock)


def _last_messages(session: Session, ids: Sequence[int]) -> dict[int, Message]:
    """The newest message of each conversation that the customer can see."""
    if not ids:
        return {}
    newest = select(func.max(Message.id)).where(Message.conversation_id.in_(ids), Message.kind != "note")
    found = session.scalars(
        select(Message).where(Message.id.in_(newest.group_by(Message.conversation_id))).options(*unread.told())
    )
    return {message.conversation_id: message for message in found}
