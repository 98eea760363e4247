"""The conversation as a column of things to draw: days, bubbles, notes, and what happened in between."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import now
from bot.models import Conversation, JournalEntry, Message
from handoff.console import delivery, happening, said
from handoff.console.delivery import Delivery
from handoff.console.items import Aside, Burst, Day, Item, Mark, Note, Thread, Whispered, moment
from handoff.console.said import NEWEST, Span
from handoff.models import Ticket, Whisper

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
    "ticket.parked",
    "ticket.unparked",
    "contact.blocked",
    "contact.followed",
    "conversation.held_elsewhere",
    "conversation.ours_again",
    "event.noted",
)


def load(
    session: Session,
    conversations: Sequence[Conversation],
    zone: ZoneInfo,
    whispers: Sequence[Whisper] = (),
    span: Span = NEWEST,
) -> Thread:
    """Messages and what happened around them; of a conversation and those that joined it."""
    part = said.read(session, [conversation.id for conversation in conversations], span)
    asides: list[Aside] = [*_marks(session, conversations[0].id), *(Whispered(whisper) for whisper in whispers)]
    around = [aside for aside in asides if part.covers(moment(aside))]
    items = _with_days(_merged(part.messages, around), zone, _teller(conversations))
    first = part.messages[0].id if part.messages else 0
    return Thread(list(items), first, part.earlier, said.quoted(session, part.messages))


def _marks(session: Session, conversation_id: int) -> list[Mark]:
    wanted = (
        select(JournalEntry)
        .where(JournalEntry.conversation_id == conversation_id, JournalEntry.kind.in_(MARKS))
        .order_by(JournalEntry.id)
    )
    tickets = {t.id: t for t in session.scalars(select(Ticket).where(Ticket.conversation_id == conversation_id))}
    happened = happening.told(session, session.scalars(wanted).all())
    return [Mark(one.entry, tickets.get(one.data.get("ticket_id", 0)), one.by, one.to) for one in happened]


def _merged(messages: Sequence[Message], asides: Sequence[Aside]) -> Iterator[Message | Aside]:
    """Messages keep their order; each aside stands before the first message that is younger."""
    waiting = sorted(asides, key=moment)
    for message in messages:
        while waiting and moment(waiting[0]) <= message.created_at:
            yield waiting.pop(0)
        yield message
    yield from waiting


def _with_days(
    found: Iterator[Message | Aside], zone: ZoneInfo, fate: Callable[[Message], Delivery | None]
) -> Iterator[Item]:
    today: date | None = None
    burst: Burst | None = None
    for item in found:
        day = moment(item).astimezone(zone).date()
        if day != today:
            today, burst = day, None
            yield Day(day)
        if isinstance(item, Mark | Whispered):
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
