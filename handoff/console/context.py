"""What is known about a case beside the conversation: who, collected facts, why it came here, what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ScalarSelect, select
from sqlalchemy.orm import Session, joinedload

from bot.auth import Member
from bot.dialogue import DEFAULT_LANGUAGE, replies
from bot.models import Conversation, JournalEntry
from bot.nlu.policy import load as load_policy
from handoff.console import happening, who
from handoff.console.happening import Happening
from handoff.console.who import Who
from handoff.models import Notice, Ticket
from handoff.notify import bell
from handoff.tickets import phrases, records, whispers

EARLIER = 20
TIMELINE = 12


@dataclass(frozen=True)
class Verdict:
    """How the engine came to its last decision here: what it understood, and what it decided and why."""

    understood: dict[str, Any]
    decided: dict[str, Any]


@dataclass(frozen=True)
class Context:
    """The right-hand panel. `missing`: facts that the matter needs and nobody has; `question` asks for them."""

    who: Who | None
    missing: Sequence[str]
    question: str
    verdict: Verdict | None
    earlier: Sequence[Ticket]
    timeline: Sequence[Happening]
    notices: Sequence[Notice]


def load(session: Session, threads: Sequence[Conversation], ticket: Ticket | None, member: Member) -> Context:
    """Of a conversation, which comes first, and those that joined its case."""
    conversation = threads[0]
    contact = conversation.contact
    missing = _missing(session, ticket) if ticket else []
    return Context(
        who=who.load(session, contact, member) if contact else None,
        missing=missing,
        question=_question(missing, contact.language if contact else DEFAULT_LANGUAGE) if missing else "",
        verdict=_verdict(session, conversation.id, ticket),
        earlier=_earlier(session, conversation, ticket),
        timeline=_timeline(session, threads, ticket),
        notices=_notices(session, ticket, member) if ticket else [],
    )


def _notices(session: Session, ticket: Ticket, member: Member) -> Sequence[Notice]:
    return bell.of_case(session, ticket.id, whispers.rings(ticket, member.id, member.role))


def _missing(session: Session, ticket: Ticket) -> list[str]:
    """What the matter's policy wants to be known, and is not."""
    intent = load_policy()[0].intents.get(ticket.intent)
    known = {*ticket.facts, *(("photo",) if records.has_picture(session, ticket) else ())}
    return [need for need in intent.needs if need not in known] if intent else []


def _question(missing: Sequence[str], language: str) -> str:
    """How one asks the customer for these, in his language."""
    names = (replies(language).say(f"need_{need}").text for need in missing)
    return phrases.text("please_tell", language, needs="、".join(names))


def _verdict(session: Session, conversation_id: int, ticket: Ticket | None) -> Verdict | None:
    """The judgement that opened the case, if one did; without a case, the newest one."""
    if ticket is not None and not ticket.intent:
        return None
    understood = _newest(session, conversation_id, "turn.understood", ticket)
    decided = _newest(session, conversation_id, "turn.decided", ticket)
    return Verdict(understood.data, decided.data) if understood and decided else None


def _newest(session: Session, conversation_id: int, kind: str, ticket: Ticket | None) -> JournalEntry | None:
    found = select(JournalEntry).where(JournalEntry.conversation_id == conversation_id, JournalEntry.kind == kind)
    if ticket is not None:
        found = found.where(JournalEntry.id < _opening(ticket))
    return session.scalars(found.order_by(JournalEntry.id.desc()).limit(1)).one_or_none()


def _opening(ticket: Ticket) -> ScalarSelect[int]:
    """The id of the journal entry that closes the turn in which this case was opened."""
    after = select(JournalEntry.id).where(
        JournalEntry.conversation_id == ticket.conversation_id,
        JournalEntry.kind == "ticket.opened",
        JournalEntry.at >= ticket.opened_at,
    )
    return after.order_by(JournalEntry.id).limit(1).scalar_subquery()


def _earlier(session: Session, conversation: Conversation, ticket: Ticket | None) -> Sequence[Ticket]:
    if conversation.contact_id is None:
        return []
    found = select(Ticket).where(Ticket.contact_id == conversation.contact_id).options(joinedload(Ticket.ending))
    if ticket is not None:
        found = found.where(Ticket.id != ticket.id)
    return session.scalars(found.order_by(Ticket.id.desc()).limit(EARLIER)).all()


def _timeline(session: Session, threads: Sequence[Conversation], ticket: Ticket | None) -> list[Happening]:
    """What happened last."""
    wanted = happening.of_case(ticket, threads) if ticket else happening.of_conversations(threads)
    return happening.told(session, session.scalars(wanted.order_by(JournalEntry.id.desc()).limit(TIMELINE)).all())
