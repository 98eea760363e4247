"""How a case begins: its number, what is known already, and what the customer is promised."""

from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.orm import Session

from bot import dialogue
from bot.clock import now
from bot.models import Conversation
from bot.ports import CaseRef, Handoff
from handoff import assignment, clocks
from handoff.models import Ticket
from handoff.numbers import next_number
from handoff.tickets import complaints, records, tapping

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
        taps=tapping.before(session, conversation),
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
