"""What came of a turn, written in one transaction each: an answer, another try later, or staff's to look at.

Each begins with the fence, and gives the conversation back.
"""

from collections.abc import Callable, Sequence
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
from bot.turn import handing_over, recording, responding
from bot.turn.ordering import Looked
from bot.turn.taking import Batch


@dataclass(frozen=True)
class Thought:
    """A batch with all that was found out about it."""

    batch: Batch
    inbounds: Sequence[Inbound]
    profile: Profile | None
    looked: Looked


@dataclass(frozen=True)
class Written:
    """What may be said at once in a conversation, and whether something came in meanwhile that is due."""

    conversation_id: int
    claim: Claim | None = None
    more: bool = False


def answered(current: Services, thoughts: Sequence[Thought]) -> list[Written]:
    """The customers' messages, and our answers or their cases, all in one transaction."""

    def write(session: Session) -> list[Written]:
        mine = conversations.give_back(session, [thought.batch.held for thought in thoughts])
        with session.no_autoflush:  # what must be read again is flushed where it is made: each flush takes time
            _write(session, current, [(one, mine[one.batch.id]) for one in thoughts if one.batch.id in mine])
        claims = {claim.conversation_id: claim for claim in outbox.claim_all(session, current, list(mine.values()))}
        if len(claims) < len(mine):  # else the outcome of the calls wakes them, a moment later
            current.broker.wake_after_commit(session)
        due = inbox.due(session, list(mine))
        return [Written(one, claims.get(one), more=one in due) for one in mine]

    return transact(current.sessions, write)


def _write(session: Session, current: Services, those: Sequence[tuple[Thought, Conversation]]) -> None:
    """All messages first, since they get their ids together."""
    for thought, conversation in those:
        if thought.profile is not None and conversation.identity is not None:
            people.remember_profile(conversation.identity, thought.profile)
    inbox.finish(session, [event for thought, _ in those for event in thought.batch.events])
    told = recording.told_before(session, {thought.batch.id: thought.batch.events for thought, _ in those})
    messages = [
        recording.record(session, current, conversation, thought.batch.events, thought.inbounds, told)
        for thought, conversation in those
    ]
    session.flush()
    for (thought, conversation), theirs in zip(those, messages, strict=True):
        responding.respond(session, current, conversation, theirs, thought.looked)


def postponed(current: Services, batch: Batch, seconds: float, *, attempts: int, error: str = "") -> Written:
    """The same events again, later."""

    def write(session: Session, _: Conversation) -> None:
        inbox.postpone(session, batch.events, after(seconds), attempts=attempts, error=error)

    return _alone(current, batch, write)


def handed_over(current: Services, batch: Batch) -> Written:
    """The events rest for staff, and the customer gets a person instead of silence."""

    def write(session: Session, conversation: Conversation) -> None:
        _rest(session, batch)
        handing_over.trouble(session, current, conversation)
        current.broker.wake_after_commit(session)

    return _alone(current, batch, write)


def set_aside(current: Services, batch: Batch) -> Written:
    """The events rest for staff."""
    return _alone(current, batch, lambda session, _: _rest(session, batch))


def _alone(current: Services, batch: Batch, work: Callable[[Session, Conversation], None]) -> Written:
    """Write one batch in a transaction of its own, if it is still ours."""

    def write(session: Session) -> Written:
        conversation = conversations.give_back(session, [batch.held]).get(batch.id)
        if conversation is None:
            return Written(batch.id)
        work(session, conversation)
        claim = outbox.claim(session, current, conversation)
        return Written(batch.id, claim, more=bool(inbox.due(session, [batch.id])))

    return transact(current.sessions, write)


def _rest(session: Session, batch: Batch) -> None:
    for event in batch.events:
        inbox.set_aside(session, event.id, "its worker died each time")
