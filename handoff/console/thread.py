"""The conversation as a column of things to draw: days, bubbles, notes, and what happened in between."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bot.clock import now
from bot.models import Conversation, JournalEntry, Message
from handoff.console import delivery, happening
from handoff.console.delivery import Delivery
from handoff.models import Ticket

LIMIT = 300
BURST = timedelta(minutes=2)
MARKS = (
    "ticket.opened",
    "ticket.claimed",
    "ticket.resolved",
    "ticket.handed_back",
    "ticket.reopened",
    "ticket.proposed",
    "ticket.proposal_refused",
    "ticket.closed",
    "ticket.joined",
    "ticket.assigned",
    "ticket.requeued",
    "ticket.department_asked",
    "ticket.department_accepted",
    "ticket.department_answered",
    "ticket.merged",
    "ticket.split",
    "ticket.rated",
    "complaint.rated",
    "event.set_aside",
    "contact.blocked",
    "contact.followed",
)


@dataclass(frozen=True)
class Day:
    """A separator where the date changes."""

    kind = "day"
    date: date


@dataclass(frozen=True)
class Mark:
    """Something that happened between the messages; `name` says by whom, `to` whom it concerns."""

    kind = "mark"
    entry: JournalEntry
    ticket: Ticket | None
    name: str
    to: str


@dataclass(frozen=True)
class Note:
    """What colleagues wrote for each other."""

    kind = "note"
    message: Message


@dataclass
class Burst:
    """Messages of one author that came together and share a line of author, time and delivery."""

    kind = "burst"
    messages: list[Message] = field(default_factory=list)
    delivery: Delivery | None = None

    @property
    def last(self) -> Message:
        return self.messages[-1]

    @property
    def author(self) -> str:
        return self.last.author

    @property
    def row_ids(self) -> list[int]:
        """What a decision about this burst is about."""
        return [message.outbox.id for message in self.messages if message.outbox]

    def takes(self, message: Message, fate: Delivery | None) -> bool:
        same = _writer(self.last) == _writer(message)
        together = message.created_at - self.last.created_at <= BURST
        return same and together and self.delivery == fate


def _writer(message: Message) -> tuple[str, int | None, int]:
    return message.author, message.user_id, message.conversation_id


Item = Day | Mark | Note | Burst


def load(session: Session, conversations: Sequence[Conversation], zone: ZoneInfo) -> list[Item]:
    """The newest messages and what happened around them, oldest first; of a conversation and those that joined it."""
    messages = _messages(session, [conversation.id for conversation in conversations])
    since = messages[0].created_at if len(messages) == LIMIT else None
    marks = _marks(session, conversations[0].id, since)
    return list(_with_days(_merged(messages, marks), zone, _teller(conversations)))


def last_seen(items: Sequence[Item]) -> int:
    """The newest message on the screen: what a reply was written in view of."""
    ids = [m.id for item in items if isinstance(item, Burst) for m in item.messages]
    return max(ids, default=0)


def _messages(session: Session, conversation_ids: Sequence[int]) -> list[Message]:
    newest = (
        select(Message).where(Message.conversation_id.in_(conversation_ids)).order_by(Message.id.desc()).limit(LIMIT)
    )
    with_all = joinedload(Message.outbox), joinedload(Message.user), joinedload(Message.attachment)
    found = session.scalars(newest.options(*with_all))
    return list(found)[::-1]


def _marks(session: Session, conversation_id: int, since: datetime | None) -> list[Mark]:
    wanted = (
        select(JournalEntry)
        .where(JournalEntry.conversation_id == conversation_id, JournalEntry.kind.in_(MARKS))
        .order_by(JournalEntry.id)
    )
    tickets = {t.id: t for t in session.scalars(select(Ticket).where(Ticket.conversation_id == conversation_id))}
    happened = happening.told(session, session.scalars(wanted).all())
    marks = [Mark(one.entry, tickets.get(one.data.get("ticket_id", 0)), one.by, one.to) for one in happened]
    return [mark for mark in marks if since is None or moment(mark) >= since]


def moment(item: Mark | Message) -> datetime:
    """When something took its place in the thread. A case's opening was decided before its holding message."""
    if isinstance(item, Message):
        return item.created_at
    opened = item.entry.kind == "ticket.opened" and item.ticket
    return opened.opened_at if opened else item.entry.at


def _merged(messages: Sequence[Message], marks: Sequence[Mark]) -> Iterator[Message | Mark]:
    """Messages keep their order; each mark stands before the first message that is younger."""
    waiting = sorted(marks, key=moment)
    for message in messages:
        while waiting and moment(waiting[0]) <= message.created_at:
            yield waiting.pop(0)
        yield message
    yield from waiting


def _with_days(
    found: Iterator[Message | Mark], zone: ZoneInfo, fate: Callable[[Message], Delivery | None]
) -> Iterator[Item]:
    today: date | None = None
    burst: Burst | None = None
    for item in found:
        day = moment(item).astimezone(zone).date()
        if day != today:
            today, burst = day, None
            yield Day(day)
        if isinstance(item, Mark):
            burst = None
            yield item
        elif item.kind == "note":
            burst = None
            yield Note(item)
        elif burst is not None and burst.takes(item, fate(item)):
            burst.messages.append(item)
        else:
            burst = Burst([item], fate(item))
            yield burst


def _teller(conversations: Sequence[Conversation]) -> Callable[[Message], Delivery | None]:
    """What became of each message, as of now; None of a customer's."""
    paused, at = {c.id: c.account.push_paused_until for c in conversations}, now()
    return lambda message: delivery.of(message.outbox, paused[message.conversation_id], at) if message.outbox else None
