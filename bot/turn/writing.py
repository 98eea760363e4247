"""What came of a turn, written in one transaction each: an answer, another try later, or staff's to look at.

Each begins with the fence, and gives the conversation back.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot import conversations, inbox, outbox, people
from bot.clock import after
from bot.messages import Inbound
from bot.models import Conversation
from bot.outbox import Claim
from bot.ports import Profile
from bot.services import Services
from bot.transactions import transact
from bot.turn import recording, responding
from bot.turn.judging import Judgement
from bot.turn.taking import Batch


@dataclass(frozen=True)
class Written:
    """What may be said at once, and whether something came in meanwhile that is due."""

    claim: Claim | None = None
    more: bool = False


def answered(
    current: Services,
    batch: Batch,
    inbounds: Sequence[Inbound],
    profile: Profile | None,
    judgement: Judgement | None,
) -> Written:
    """The customer's messages, and our answer or their case."""

    def write(session: Session) -> Written:
        conversation = conversations.give_back(session, batch.held)
        if profile is not None and conversation.identity is not None:
            people.remember_profile(conversation.identity, profile)
        inbox.finish(session, batch.events)
        with session.no_autoflush:  # what must be read again is flushed where it is made: each flush takes time
            messages = recording.record(session, current, conversation, batch.events, inbounds)
            responding.respond(session, current, conversation, messages, judgement)
        claim = outbox.claim(session, current, conversation)
        if claim is None:  # else the outcome of the call wakes them, a moment later
            current.broker.wake_after_commit(session)
        return Written(claim, more=bool(inbox.due(session, conversation.id)))

    return transact(current.sessions, write)


def postponed(current: Services, batch: Batch, seconds: float, *, attempts: int, error: str = "") -> Written:
    """The same events again, later."""

    def write(session: Session) -> Written:
        conversations.give_back(session, batch.held)
        inbox.postpone(session, batch.events, after(seconds), attempts=attempts, error=error)
        return Written(more=bool(inbox.due(session, batch.held.conversation_id)))

    return transact(current.sessions, write)


def handed_over(current: Services, batch: Batch) -> Written:
    """The events rest for staff, and the customer gets a person instead of silence."""

    def write(session: Session) -> Written:
        conversation = _rested(session, batch)
        responding.hand_over_trouble(session, current, conversation)
        current.broker.wake_after_commit(session)
        claim = outbox.claim(session, current, conversation)
        return Written(claim, more=bool(inbox.due(session, conversation.id)))

    return transact(current.sessions, write)


def set_aside(current: Services, batch: Batch) -> Written:
    """The events rest for staff."""

    def write(session: Session) -> Written:
        conversation = _rested(session, batch)
        return Written(more=bool(inbox.due(session, conversation.id)))

    return transact(current.sessions, write)


def _rested(session: Session, batch: Batch) -> Conversation:
    conversation = conversations.give_back(session, batch.held)
    for event in batch.events:
        inbox.set_aside(session, event.id, "its worker died each time")
    return conversation
