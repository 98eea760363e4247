"""Taking a conversation: the lease, what waits, and all that judging needs, in one transaction."""

import random
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from bot import conversations, db, disk, inbox
from bot.clock import now
from bot.conversations import Lease
from bot.models import Conversation, Event
from bot.ports import Recipient
from bot.services import Services
from bot.transactions import transact
from bot.turn import recording

CHOICE = 8  # workers who all took the first would wait for each other
PROFILE_FRESH = timedelta(days=1)


@dataclass(frozen=True)
class Batch:
    """What one worker works on now. `conversation` is read-only: it is how things stood when it was taken.

    `taken_back` are ids of messages that the customer took back before we read them; `stranger`: we know no
    name, or only one of yesterday.
    """

    held: Lease
    events: Sequence[Event]
    conversation: Conversation
    recipient: Recipient
    taken_back: set[str | None]
    stranger: bool


def next_due(current: Services, seen: Set[int]) -> int | None:
    """A conversation in which something is due and nobody is at work, but none of those that were `seen` already."""
    with db.reading(current.sessions) as session:
        waiting = [found for found in inbox.untended(session) if found not in seen]
    return random.choice(waiting[:CHOICE]) if waiting else None


def take(current: Services, conversation_id: int) -> Batch | None:
    """Lease a conversation and take its events; None where another worker has it or nothing is due."""
    return transact(current.sessions, lambda session: _take(session, current, conversation_id))


def _take(session: Session, current: Services, conversation_id: int) -> Batch | None:
    """Every try is counted before the work, so that a message that kills its worker is set aside in the end.

    After a failure, events are tried one by one: the healthy neighbours of a poison event are answered.
    """
    held = conversations.lease(session, conversation_id, current.settings.lease_seconds)
    events = inbox.due(session, conversation_id) if held else []
    if held is None or not events:
        session.rollback()  # a conversation in which nothing is due stays free
        return None
    disk.fleeting(session)
    if any(event.attempts for event in events):
        events = events[:1]
    for event in events:
        event.attempts += 1
    return _batch(session, held, events)


def _batch(session: Session, held: Lease, events: Sequence[Event]) -> Batch:
    conversation = session.scalars(_taken(), {"conversation": held.conversation_id}).one()
    return Batch(
        held=held,
        events=events,
        conversation=conversation,
        recipient=conversations.recipient(conversation),
        taken_back=recording.taken_back(session, conversation.id, [event.message_id for event in events]),
        stranger=_stranger(conversation),
    )


@cache
def _taken() -> Select[Conversation]:
    whole = select(Conversation).where(Conversation.id == bindparam("conversation"))
    return whole.options(*conversations.with_whom())


def _stranger(conversation: Conversation) -> bool:
    person = conversation.identity
    return person is not None and (person.profile_at is None or now() - person.profile_at > PROFILE_FRESH)
