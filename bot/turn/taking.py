"""Taking conversations: the leases, what waits, and all that judging needs, in one transaction."""

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

TOGETHER = 8  # conversations, chosen by chance: workers who all took the first would wait for each other
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

    @property
    def id(self) -> int:
        """The conversation's."""
        return self.held.conversation_id

    @property
    def attempts(self) -> int:
        """How often it was tried, this time included."""
        return max(event.attempts for event in self.events)


def next_due(current: Services, first: int, seen: Set[int]) -> list[int]:
    """Conversations in which something is due and nobody is at work, but none of those that were `seen` already.

    `first` leads if it is one of them.
    """
    with db.reading(current.sessions) as session:
        waiting = [found for found in inbox.untended(session, current.settings.lease_seconds) if found not in seen]
    head = [first] if first in waiting else []
    others = [found for found in waiting if found != first]
    return head + random.sample(others, min(len(others), TOGETHER - len(head)))


def take(current: Services, those: Sequence[int]) -> list[Batch]:
    """Lease conversations and take their events, but not where another worker is or nothing is due."""
    return transact(current.sessions, lambda session: _take(session, current, those))


def _take(session: Session, current: Services, those: Sequence[int]) -> list[Batch]:
    """Every try is counted before the work, so that a message that kills its worker is set aside in the end."""
    held = {one.conversation_id: one for one in conversations.lease(session, those, current.settings.lease_seconds)}
    due = inbox.due(session, [one for one in those if one in held])
    if not due:
        session.rollback()  # a conversation in which nothing is due stays free
        return []
    disk.fleeting(session)
    chosen = _together(due)
    if idle := held.keys() - chosen.keys():
        conversations.set_free(session, sorted(idle))
    for events in chosen.values():
        for event in events:
            event.attempts += 1
    return _batches(session, [held[one] for one in chosen], chosen)


def _together(due: dict[int, list[Event]]) -> dict[int, list[Event]]:
    """What can be done together: all that comes for the first time.

    After a failure, events are tried one by one, so that the healthy neighbours of a poison event are answered.
    """
    first, events = next(iter(due.items()))
    if _failed(events):
        return {first: events[:1]}
    return {one: events for one, events in due.items() if not _failed(events)}


def _failed(events: Sequence[Event]) -> bool:
    return any(event.attempts for event in events)


def _batches(session: Session, held: Sequence[Lease], due: dict[int, list[Event]]) -> list[Batch]:
    whole = session.scalars(_taken(), {"those": [one.conversation_id for one in held]})
    conversation_of = {conversation.id: conversation for conversation in whole}
    gone = recording.taken_back(session, due)
    return [_batch(one, due[one.conversation_id], conversation_of[one.conversation_id], gone) for one in held]


def _batch(
    held: Lease, events: Sequence[Event], conversation: Conversation, gone: Set[tuple[int, str | None]]
) -> Batch:
    return Batch(
        held=held,
        events=events,
        conversation=conversation,
        recipient=conversations.recipient(conversation),
        taken_back={event.message_id for event in events if (conversation.id, event.message_id) in gone},
        stranger=_stranger(conversation),
    )


@cache
def _taken() -> Select[Conversation]:
    whole = select(Conversation).where(Conversation.id.in_(bindparam("those", expanding=True)))
    return whole.options(*conversations.with_whom())


def _stranger(conversation: Conversation) -> bool:
    person = conversation.identity
    return person is not None and (person.profile_at is None or now() - person.profile_at > PROFILE_FRESH)
