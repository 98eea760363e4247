"""The desk as the engine knows it (`bot.ports.HumanDesk`): cases open, grow and reopen in the turn's
transaction. What the customer reads is written by the turn, from the CaseRef.
"""

from datetime import timedelta

import structlog
from sqlalchemy.orm import Session

from bot import conversations
from bot.clock import now
from bot.models import Conversation, OutboxRow
from bot.ports import CaseRef, Handoff, Learned
from bot.settings import Settings
from handoff import clocks
from handoff.models import Ticket
from handoff.numbers import next_number
from handoff.tickets import records

REOPENS_WITHIN = timedelta(hours=24)

log = structlog.get_logger()


class Desk:
    """Opens cases by the shop's rules and numbers."""

    def __init__(self, settings: Settings) -> None:
        self.zone = settings.zone

    def open(self, session: Session, handoff: Handoff) -> CaseRef:
        """Open the case of this conversation's episode, or return the one that is open already."""
        conversation = conversations.locked(session, handoff.conversation_id)
        conversation.owner = "human"
        known = records.open_ticket(session, conversation.id)
        if known is not None:
            return self._known(session, known, handoff.language)
        return self._new(session, conversation, handoff)

    def customer_wrote(
        self, session: Session, conversation_id: int, message_id: int, learned: Learned | None = None
    ) -> CaseRef | None:
        """Put a customer's message on the open case, or reopen one that was solved within the last day."""
        conversation = conversations.locked(session, conversation_id)
        ticket = records.last_ticket(session, conversation_id)
        if ticket is None or not (ticket.state != "resolved" or _fresh(ticket)):
            return None
        if again := ticket.state == "resolved":
            _reopen(session, ticket, message_id)
        conversation.owner = "human"
        ticket.state = "open" if ticket.state == "waiting" else ticket.state
        ticket.waiting_since = ticket.waiting_since or now()
        clocks.customer_wrote(session, ticket)
        if learned is not None:
            self._learn(session, ticket, learned)
        records.record(session, ticket, "ticket.customer_wrote", message_id=message_id)
        language = learned.language if learned is not None else _language(conversation)
        return self._known(session, ticket, language, opened=again)

    def _learn(self, session: Session, ticket: Ticket, learned: Learned) -> None:
        """Keep the facts; a more urgent message (an injury, a threat) makes the case and its clock more urgent."""
        ticket.facts = {**ticket.facts, **learned.facts}
        if learned.level >= ticket.level:
            return
        records.tell(session, ticket, "ticket.raised", level=learned.level, before=ticket.level)
        ticket.level, ticket.priority = learned.level, "urgent" if learned.level == "L1" else "high"
        clocks.raised(session, ticket)

    def delivery_failed(self, session: Session, outbox_id: int) -> None:
        """Tell whoever has the case that a message did not arrive; where nobody has one, open it.

        A message that most likely arrived opens none: the bot goes on, and the thread shows its state.
        """
        row = session.get_one(OutboxRow, outbox_id)
        conversations.locked(session, row.conversation_id)
        ticket = records.open_ticket(session, row.conversation_id)
        if ticket is not None:
            records.record(session, ticket, "ticket.undelivered", message_id=row.message_id)
        elif row.state == "failed":
            self.open(session, _undelivered(row))

    def taken_back(self, session: Session, conversation_id: int, text: str) -> None:
        """Forget what a customer took back: the summary that quotes it, the facts that were read from it."""
        for ticket in records.tickets_of(session, conversation_id) if text else ():
            ticket.summary = "" if ticket.summary in text else ticket.summary.replace(text, "").strip()
            ticket.facts = {kind: fact for kind, fact in ticket.facts.items() if str(fact) not in text}
            records.record(session, ticket, "ticket.taken_back")

    def _new(self, session: Session, conversation: Conversation, handoff: Handoff) -> CaseRef:
        opened = now()
        ticket = Ticket(
            number=next_number(session, opened, self.zone),
            conversation_id=conversation.id,
            contact_id=conversation.contact_id,
            episode=conversation.episode,
            reason=handoff.reason[:200],
            intent=handoff.intent,
            category=handoff.category,
            level=handoff.level,
            priority=handoff.priority,
            team=handoff.team,
            facts=handoff.facts,
            summary=handoff.summary,
            opened_at=opened,
            waiting_since=opened,
        )
        ticket.conversation, ticket.contact = conversation, conversation.contact
        promise = clocks.opened(session, ticket, handoff.language)
        records.tell(
            session,
            ticket,
            "ticket.opened",
            number=ticket.number,
            route=handoff.route,
            intent=handoff.intent,
            confidence=handoff.confidence,
            level=handoff.level,
            reasons=list(handoff.reasons),
        )
        log.info("ticket.opened", ticket_id=ticket.id, conversation_id=conversation.id, level=ticket.level)
        return _ref(ticket, promise.for_case(ticket.number), opened=True)

    def _known(self, session: Session, ticket: Ticket, language: str, *, opened: bool = False) -> CaseRef:
        """A case that the customer has heard of; the sentence is true now, not when it was opened."""
        return _ref(ticket, clocks.reminder(session, ticket, language), opened=opened)


def _ref(ticket: Ticket, promise: str, *, opened: bool) -> CaseRef:
    return CaseRef(ticket.id, ticket.number, promise, opened, ticket.first_response_due_at)


def _language(conversation: Conversation) -> str:
    """The customer's, where his words do not tell."""
    return conversation.contact.language if conversation.contact else ""


def _fresh(ticket: Ticket) -> bool:
    """Whether a customer who writes again means this case: an agent solved it, less than a day ago."""
    return (
        ticket.resolution == "solved" and ticket.resolved_at is not None and now() - ticket.resolved_at < REOPENS_WITHIN
    )


def _reopen(session: Session, ticket: Ticket, message_id: int) -> None:
    """The same case for the same agent."""
    ticket.state = "open" if ticket.assignee_id else "new"
    ticket.reopened += 1
    ticket.resolved_at, ticket.resolution = None, ""
    clocks.reopened(session, ticket)
    records.record(session, ticket, "ticket.reopened", message_id=message_id)


def _undelivered(row: OutboxRow) -> Handoff:
    return Handoff(
        conversation_id=row.conversation_id,
        reason="訊息送不到顧客手上",
        reasons=("delivery_failed",),
        intent="",
        category="out_of_scope",
        level="L3",
        priority="normal",
        team="frontline",
        route="human",
        summary=str(row.body.get("text", ""))[:500],
    )
