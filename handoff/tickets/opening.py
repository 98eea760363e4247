"""How a case begins: its number, what is known already, and what the customer is promised."""

from collections.abc import Iterable
from functools import cache
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from bot import dialogue
from bot.clock import now
from bot.models import Conversation, Message
from bot.ports import CaseRef, Handoff
from handoff import assignment, clocks
from handoff.models import Ticket
from handoff.numbers import next_number
from handoff.tickets import complaints, records

TAPS = 10

log = structlog.get_logger()


def new(session: Session, conversation: Conversation, handoff: Handoff, zone: ZoneInfo) -> CaseRef:
    """Open a case; the customer hears its number and the promise."""
    opened = now()
    ticket = Ticket(
        number=next_number(session, opened, zone),
        conversation_id=conversation.id,
        contact_id=conversation.contact_id,
        episode=conversation.episode,
        state="new",
        reason=handoff.reason[:200],
        intent=handoff.intent,
        category=handoff.category,
        level=handoff.level,
        priority=handoff.priority,
        team=handoff.team,
        risk=handoff.risk,
        type="question",
        source=conversation.account.channel,
        facts=handoff.facts,
        summary=handoff.summary,
        taps=taps(session, conversation),
        opened_at=opened,
        waiting_since=opened,
    )
    ticket.conversation, ticket.contact = conversation, conversation.contact
    if handoff.category in complaints.CATEGORIES:
        ticket.type = complaints.TYPE
    promise = clocks.opened(session, ticket, handoff.language)
    if ticket.type == complaints.TYPE:
        complaints.begin(session, ticket)
    _tell(session, ticket, handoff)
    assignment.drain_after_commit(session)
    return CaseRef(
        ticket.id, ticket.number, promise.for_case(ticket.number), opened=True, due_at=ticket.first_response_due_at
    )


def language(conversation: Conversation) -> str:
    """The language in which the customer is told."""
    return conversation.contact.language if conversation.contact else dialogue.DEFAULT_LANGUAGE


def taps(session: Session, conversation: Conversation) -> list[str]:
    """What the customer tapped in menus and on buttons before a person came, oldest first."""
    found = session.execute(_written(), {"conversation": conversation.id, "episode": conversation.episode}).all()
    return _tapped((row.kind, row.text or row.data) for row in reversed(found))[-TAPS:]


@cache
def _written() -> Select[str, str, str | None]:
    """Asked for every new case, so it is built once. A part of a LINE menu brings its data and no words."""
    data = Message.payload["data"].as_string().label("data")
    his = select(Message.kind, Message.text, data).where(
        Message.conversation_id == bindparam("conversation"),
        Message.episode == bindparam("episode"),
        Message.author == "customer",
    )
    return his.order_by(Message.id.desc()).limit(5 * TAPS)


def _tapped(written: Iterable[tuple[str, str | None]]) -> list[str]:
    return [text for kind, text in written if text and (kind == "postback" or dialogue.tapped(text))]


def _tell(session: Session, ticket: Ticket, handoff: Handoff) -> None:
    records.tell(
        session,
        ticket,
        "ticket.opened",
        number=ticket.number,
        before="",
        state=ticket.state,
        route=handoff.route,
        intent=handoff.intent,
        confidence=handoff.confidence,
        level=handoff.level,
        reasons=list(handoff.reasons),
    )
    log.info("ticket.opened", ticket_id=ticket.id, conversation_id=ticket.conversation_id, level=ticket.level)
