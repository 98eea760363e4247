"""Two persons who were taken for one are parted: no case, thread or fact of the one stays with the other."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot import conversations
from bot.clock import now
from bot.models import Conversation, Message
from handoff import clocks
from handoff.models import CaseMember, CasePromise, CaseThread, Clock, Ticket
from handoff.tickets import closing, complaints, records


def part(session: Session, contacts: Sequence[int]) -> list[int]:
    """Everything is whose it was before; take each out of the cases of the other. The conversations that left one."""
    for ticket in _merged_with_a_strangers(session, contacts):
        _take_out(session, ticket)
    return _leave(session, contacts)


def _merged_with_a_strangers(session: Session, contacts: Sequence[int]) -> Sequence[Ticket]:
    """Cases of these persons that go on in a case of another person's."""
    merged = select(Ticket).where(Ticket.contact_id.in_(contacts), Ticket.merged_into_id.is_not(None))
    found = session.scalars(merged.order_by(Ticket.id).execution_options(populate_existing=True)).all()
    return [one for one in found if session.get_one(Ticket, one.merged_into_id).contact_id != one.contact_id]


def _take_out(session: Session, ticket: Ticket) -> None:
    """Its matter is its own again: alive where the other case lives, over where that is over."""
    others = list(_chain(session, ticket))
    went_on = any(other.live for other in others)
    ticket.merged_into_id, ticket.resolution = None, "solved"
    if went_on:
        closing.reopened(session, ticket, "parted")
    _promises_back(session, ticket, others)
    joined = select(CaseMember.user_id).where(CaseMember.ticket_id == ticket.id)
    for other in others:
        theirs = CaseMember.ticket_id == other.id, CaseMember.user_id.in_(joined)
        session.execute(update(CaseMember).where(*theirs).values(left_at=now(), floor=False))
        other.tags = [tag for tag in other.tags if tag not in ticket.tags]
        other.taps = _without(other.taps, ticket.taps)
        other.custom = {name: value for name, value in other.custom.items() if ticket.custom.get(name) != value}
        complaints.forget(session, other, ticket)
        other.repeats = max(other.repeats - ticket.repeats, 0)
        _forget(session, other, ticket.conversation_id, ticket.facts)
        records.record(session, other, "ticket.parted", parted=ticket.id)


def _without(taps: Sequence[str], his: Sequence[str]) -> list[str]:
    """Each of his once: the customer of this case may have tapped the same."""
    left = list(taps)
    for tap in his:
        if tap in left:
            left.remove(tap)
    return left


def _chain(session: Session, ticket: Ticket) -> Iterator[Ticket]:
    """The cases of other persons into which it was merged, one into the next."""
    into = ticket.merged_into_id
    while into is not None:
        other = session.get_one(Ticket, into)
        if other.contact_id != ticket.contact_id:
            yield other
        into = other.merged_into_id


def _promises_back(session: Session, ticket: Ticket, others: Sequence[Ticket]) -> None:
    """Those that it had a clock for before it was merged."""
    had = select(Clock.subject).where(Clock.ticket_id == ticket.id, Clock.kind == "promise")
    places = CasePromise.ticket_id.in_([other.id for other in others])
    for promise in session.scalars(select(CasePromise).where(places, CasePromise.id.in_(had))).all():
        clocks.end(session, promise.ticket, "promise", promise.id)
        promise.ticket_id = ticket.id
        if promise.state == "open":
            clocks.begin(session, ticket, "promise", promise.due_at, promise.id)


def _leave(session: Session, contacts: Sequence[int]) -> list[int]:
    """No thread leads to a stranger's case; the bot has a conversation again in which no case lives now."""
    joined = select(CaseThread).join(CaseThread.ticket).join(CaseThread.conversation)
    strangers = Conversation.contact_id.in_(contacts) & (Ticket.contact_id.is_distinct_from(Conversation.contact_id))
    threads = session.scalars(joined.where(strangers)).all()
    for thread in threads:
        _forget(session, thread.ticket, thread.conversation_id, {})
        session.delete(thread)
    session.flush()
    left = sorted({thread.conversation_id for thread in threads})
    for conversation in (conversations.locked(session, each) for each in left):
        if conversation.owner == "human" and records.open_ticket(session, conversation.id) is None:
            conversation.owner, conversation.state = "bot", {}
            conversation.episode += 1
    return left


def _forget(session: Session, ticket: Ticket, stranger: int, facts: dict[str, object]) -> None:
    """What is known from a stranger's case or words, unless the customer of this case said it as well."""
    own, others = _words(session, ticket.conversation_id), _words(session, stranger)
    ticket.facts = {
        kind: fact
        for kind, fact in ticket.facts.items()
        if str(fact) in own or not (facts.get(kind) == fact or str(fact) in others)
    }


def _words(session: Session, conversation_id: int) -> str:
    written = select(Message.text).where(Message.conversation_id == conversation_id, Message.author == "customer")
    return "\n".join(session.scalars(written))
