"""One turn of a conversation: everything that waits, in order, judged together, answered once.

`take` is the RQ job. Its first transaction takes the conversation under a lease, its second writes all that came of
it; that one begins with the fence, so what a worker computes after it has lost the conversation is never written.
Between the two it thinks, after them it sends, with no transaction open.
"""

import json
import time
from collections.abc import Sequence

import structlog
from prometheus_client import Histogram
from sqlalchemy.exc import DBAPIError

from bot import outbox, services
from bot.clock import now
from bot.dialogue import is_unfinished
from bot.errors import LeaseLost
from bot.messages import Inbound
from bot.ports import Channel, Profile
from bot.services import Services
from bot.transactions import passes
from bot.turn import taking, writing
from bot.turn.attending import attended
from bot.turn.judging import judge
from bot.turn.taking import Batch
from bot.turn.writing import Written

SHIFT = 1.0  # seconds that a job looks for more: no longer, since what must be said comes between jobs

log = structlog.get_logger()
duration = Histogram("frontline_turn_seconds", "From taking a conversation's events to the commit of the answer")


def take(conversation_id: int) -> None:
    """Work on a conversation until nothing is due, then on others that wait: under load, few jobs do much.

    Returns at once from a conversation that another worker has.
    """
    current, ends = services.current(), time.monotonic() + SHIFT
    seen: set[int] = set()
    following: int | None = conversation_id
    while following is not None:
        drain(following)
        seen.add(following)
        following = taking.next_due(current, seen) if time.monotonic() < ends else None


def drain(conversation_id: int) -> None:
    """Work on one conversation until nothing is due in it, or somebody else has it."""
    current = services.current()
    with structlog.contextvars.bound_contextvars(conversation_id=conversation_id):
        more = True
        try:
            while more and (batch := taking.take(current, conversation_id)):
                more = _work(current, batch)
        except LeaseLost:
            log.warning("turn.lease_lost")


def _work(current: Services, batch: Batch) -> bool:
    """Do a batch, and send what came of it; whether there is more."""
    written = _try(current, batch)
    if written.claim is not None:
        outbox.send(current, written.claim)
    return written.more


def _try(current: Services, batch: Batch) -> Written:
    """A failure sends the batch back with a growing pause; too many failures set it aside for a person."""
    attempts = max(event.attempts for event in batch.events)
    if attempts > current.settings.turn_attempts:
        return _give_up(current, batch)
    try:
        return _turn(current, batch)
    except LeaseLost:
        raise
    except Exception as error:  # a message must not be lost, whatever is wrong with it or with us
        log.exception("turn.failed", event_ids=[event.id for event in batch.events])
        return _later(current, batch, attempts, error)


def _give_up(current: Services, batch: Batch) -> Written:
    """A person gets the conversation; where even that fails, staff find the events under what was set aside."""
    try:
        return writing.handed_over(current, batch)
    except LeaseLost:
        raise
    except Exception:  # a conversation must not be blocked for ever by its own emergency
        log.exception("turn.not_handed_over")
        return writing.set_aside(current, batch)


def _later(current: Services, batch: Batch, attempts: int, error: Exception) -> Written:
    """The same again after a pause that grows. A database that is locked or away is no fault of the message's."""
    counted = attempts - 1 if isinstance(error, DBAPIError) and passes(error) else attempts
    return writing.postponed(current, batch, 2.0**counted / 2, attempts=counted, error=type(error).__name__)


def _turn(current: Services, batch: Batch) -> Written:
    """Think, then write. A fragment waits for the rest of its sentence; that was no try."""
    channel = current.wiring.channels[batch.conversation.account.channel]
    inbounds = [channel.normalise(json.loads(event.raw)) for event in batch.events]
    if _still_writing(current, batch, inbounds):
        return writing.postponed(current, batch, current.settings.fragment_wait_ms / 1000, attempts=0)
    with duration.time():
        with attended(current, batch, channel):
            profile = _profile(current, batch, channel)
            judgement = judge(current, batch.conversation, batch.taken_back, inbounds)
        return writing.answered(current, batch, inbounds, profile, judgement)


def _profile(current: Services, batch: Batch, channel: Channel) -> Profile | None:
    """The customer's name, if it is time to ask for it and the platform answers at all."""
    if not batch.stranger or current.breaker.rests_until(batch.conversation.account_id):
        return None
    return channel.profile(batch.recipient)


def _still_writing(current: Services, batch: Batch, inbounds: Sequence[Inbound]) -> bool:
    """Whether these are only fragments, meant for the bot, and the customer has not had the time to go on."""
    waited = (now() - min(event.received_at for event in batch.events)).total_seconds() * 1000
    if not 0 <= waited < current.settings.fragment_wait_ms or batch.conversation.owner != "bot":
        return False  # less than nothing: the clock was set back, and nobody knows how long it has been
    if not all(i.what == "message" and i.kind == "text" for i in inbounds):
        return False
    return is_unfinished("\n".join(i.text for i in inbounds))
