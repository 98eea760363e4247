"""Two cases become one, or one becomes two. Both numbers stay, and each leads to where its matter is dealt with."""

from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlalchemy.orm import Session

from bot import conversations
from bot.clock import now
from bot.errors import Refused
from bot.messages import printable
from handoff import clocks
from handoff.models import CasePromise, Ticket
from handoff.numbers import next_number
from handoff.tickets import (
    approving,
    closing,
    complaints,
    grading,
    members,
    opening,
    phrases,
    promises,
    proposals,
    records,
    speaking,
    tapping,
    whispers,
)


def merge(session: Session, ticket_id: int, user_id: int, into_number: str) -> Ticket:
    """Go on with this matter in another case of the same person; what is known, promised and said goes along."""
    into = records.by_number(session, into_number.strip().upper())
    if into is None or into.id == ticket_id:
        raise Refused("找不到要併入的案件。")
    _lock(session, ticket_id, into)
    ticket, user = records.own(session, "merge", ticket_id, user_id)
    session.refresh(into)
    _permit(ticket, into)
    _take_along(session, ticket, into)
    closing.merged(session, ticket, into, user.id)
    session.flush()  # the index knows one main case a conversation: the old one goes first
    into.side = into.side and ticket.side
    _go_on(session, into, user.id, ticket.id)
    return into


def _go_on(session: Session, into: Ticket, user_id: int, merged: int) -> None:
    """Whoever waited in the case that ended waits in this one now."""
    if into.waiting_since is None:
        records.record(session, into, "ticket.took_over", user_id=user_id, merged=merged)
        return
    proposals.withdraw(session, into)
    clocks.customer_wrote(session, into)
    records.move(session, into, "customer_wrote", "ticket.took_over", user_id=user_id, merged=merged)


def split(session: Session, ticket_id: int, user_id: int, summary: str, zone: ZoneInfo) -> Ticket:
    """Give a second matter a case of its own beside this one, with the same person; the customer hears its number."""
    ticket, user = records.own(session, "split", ticket_id, user_id)
    matter = printable(summary).strip()[:500]
    if not matter:
        raise Refused("要分出去的是哪件事？寫一句話。")
    ticket.conversation.episode += 1
    second = _second(session, ticket, matter, zone)
    clocks.opened(session, second, opening.language(ticket.conversation))
    if second.type == complaints.TYPE:
        complaints.begin(session, second)
    records.record(session, ticket, "ticket.split", user_id=user.id, into=second.id)
    records.tell(
        session,
        second,
        "ticket.opened",
        user_id=user.id,
        number=second.number,
        before="",
        state=second.state,
        route="split",
        reasons=["split"],
    )
    where = speaking.able(session, ticket)
    if where is not None:
        phrases.say(session, where, "split", phrases.NUMBER, number=second.number)
        conversations.deliver_soon(session, where.id)
    return second


def _lock(session: Session, ticket_id: int, into: Ticket) -> None:
    """Both conversations, in the one order in which everybody locks."""
    ticket = session.get(Ticket, ticket_id)
    if ticket is None:
        raise Refused("找不到這件案件。")
    for conversation in sorted({ticket.conversation_id, into.conversation_id}):
        conversations.locked(session, conversation)


def _permit(ticket: Ticket, into: Ticket) -> None:
    if ticket.contact_id is None or ticket.contact_id != into.contact_id:
        raise Refused("只能合併同一位顧客的案件。")
    if not into.live:
        raise Refused("%(number)s已經結案，先重新開啟再併入。", number=into.number)


def _take_along(session: Session, ticket: Ticket, into: Ticket) -> None:
    into.facts = {**ticket.facts, **into.facts}
    into.tags = list(dict.fromkeys([*into.tags, *ticket.tags]))
    into.repeats, into.handoffs = into.repeats + ticket.repeats, into.handoffs + ticket.handoffs
    into.waiting_since = min((at for at in (into.waiting_since, ticket.waiting_since) if at), default=None)
    if ticket.type == complaints.TYPE:
        complaints.go_along(session, ticket, into)
    into.custom, into.taps = {**ticket.custom, **into.custom}, [*ticket.taps, *into.taps][-tapping.MOST :]
    grading.raise_to(session, into, ticket.level, why="merged")
    clocks.waits_along(session, ticket, into)
    _move_promises(session, ticket, into)
    for conversation in records.threads(session, ticket):
        if conversation.id != into.conversation_id:
            records.join(session, into, conversation.id)
    members.go_along(session, ticket, into)
    whispers.go_along(session, ticket, into)
    approving.go_along(session, ticket, into)


def _move_promises(session: Session, ticket: Ticket, into: Ticket) -> None:
    for promise in promises.of(session, ticket):
        clocks.end(session, ticket, "promise", promise.id)
        if promise.state == "open":
            clocks.begin(session, into, "promise", promise.due_at, promise.id)
    session.execute(update(CasePromise).where(CasePromise.ticket_id == ticket.id).values(ticket_id=into.id))


def _second(session: Session, ticket: Ticket, matter: str, zone: ZoneInfo) -> Ticket:
    at = now()
    second = Ticket(
        number=next_number(session, at, zone),
        conversation_id=ticket.conversation_id,
        contact_id=ticket.contact_id,
        episode=ticket.conversation.episode,
        state="open" if ticket.assignee_id else "new",
        side=True,
        split_from_id=ticket.id,
        reason=matter[:200],
        intent="",
        category=ticket.category,
        type=ticket.type,
        level=ticket.level,
        priority=ticket.priority,
        risk=ticket.risk,
        team=ticket.team,
        source=ticket.source,
        assignee_id=ticket.assignee_id,
        facts=dict(ticket.facts),
        summary=matter,
        opened_at=at,
        waiting_since=at,
    )
    second.conversation, second.contact = ticket.conversation, ticket.contact
    return second
