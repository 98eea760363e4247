"""One turn of a conversation: everything that waits, in order, judged together, answered once.

`take` is the RQ job. Its first transaction takes the conversation under a lease, its second writes all that came of
it; that one begins with the fence, so what a worker computes after it has lost the conversation is never written.
Between the two it thinks, after them it sends, with no transaction open.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import structlog
from prometheus_client import Histogram
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot import outbox, services
from bot.abreast import abreast, beside
from bot.attachments import PICTURES
from bot.clock import now
from bot.dialogue import is_unfinished
from bot.errors import JobTimedOut
from bot.messages import Inbound
from bot.ports import Channel, Profile
from bot.services import Services
from bot.transactions import fault, passes
from bot.turn import albums, ordering, remembering, taking, writing
from bot.turn.attending import attended
from bot.turn.judging import judge
from bot.turn.taking import Batch
from bot.turn.writing import Thought, Written

SHIFT = 1.0  # seconds that a job looks for more: no longer, since what must be said comes between jobs

log = structlog.get_logger()
duration = Histogram("frontline_turn_seconds", "What it takes to understand a turn and decide")


def take(conversation_id: int) -> None:
    """Work on a conversation until nothing is due, and on others that wait: under load, few jobs do much.

    Returns soon from a conversation that another worker has.
    """
    current, ends = services.current(), time.monotonic() + SHIFT
    seen: set[int] = set()
    following = taking.next_due(current, conversation_id, seen)
    while following and time.monotonic() < ends:
        seen.add(following[0])  # the others may have been left for later
        following = _work(current, following) or taking.next_due(current, conversation_id, seen)
    if following:  # nobody else need know of them
        current.broker.enqueue("bot.turn.take", following[0])


def drain(conversation_id: int) -> None:
    """Work on one conversation until nothing is due in it, or somebody else has it."""
    following = [conversation_id]
    while following:
        following = _work(services.current(), following)


def _work(current: Services, those: Sequence[int]) -> list[int]:
    """Take conversations, answer what is due in them, and send that; those in which there is more by now."""
    batches = taking.take(current, those)
    if not batches:
        return []
    try:
        written, asking = _tried(current, batches)
        return _with_the_shop(current, written, asking) if asking else _sent(current, written)
    except JobTimedOut:  # the try is counted, and the leases end by themselves, as those of a worker that was killed
        log.error("turn.timed_out", conversation_ids=[batch.id for batch in batches])
        raise


def _sent(current: Services, written: Sequence[Written]) -> list[int]:
    """Say what may be said now; the conversations in which there is more."""
    outbox.send(current, *(one.claim for one in written if one.claim is not None))
    return [one.conversation_id for one in written if one.more]


def _tried(current: Services, batches: Sequence[Batch]) -> tuple[list[Written], list[Thought]]:
    """Think, and write down what came of it; those of whom only the shop's system knows more are left."""
    with attended(current, batches):
        profiles = abreast(lambda batch: _profile(current, batch), batches)
        considered = [_considered(current, *one) for one in zip(batches, profiles, strict=True)]
    thoughts = [one for one in considered if isinstance(one, Thought)]
    known = [one for one in thoughts if not one.looked.asks]
    written = [one for one in considered if isinstance(one, Written)] + _written(current, known)
    return written, [one for one in thoughts if one.looked.asks]


def _with_the_shop(current: Services, written: Sequence[Written], asking: Sequence[Thought]) -> list[int]:
    """The shop is asked for all of them at the same time, while the others hear their answers."""
    sending = beside(partial(_sent, current, written))
    try:
        more = _sent(current, _answered(current, asking))
    finally:  # what is being said to the others ends before the job does, and its failure is heard of
        others = sending.result()
    return others + more


def _answered(current: Services, asking: Sequence[Thought]) -> list[Written]:
    """Look these up in the shop's system, and write their answers."""
    with attended(current, [one.batch for one in asking]):
        told = ordering.look_up(current, [(one.batch.conversation, one.looked) for one in asking])
    found = list(zip(asking, told, strict=True))
    failed = [_later(current, one.batch, error) for one, error in found if isinstance(error, Exception)]
    looked = [replace(one, looked=known) for one, known in found if not isinstance(known, Exception)]
    return failed + _written(current, looked)


def _considered(current: Services, batch: Batch, profile: Profile | None) -> Thought | Written:
    """What there is to say to a batch. Too many failures set it aside for a person."""
    with structlog.contextvars.bound_contextvars(conversation_id=batch.id):
        if batch.attempts > current.settings.turn_attempts:
            return _give_up(current, batch)
        try:
            return _thought(current, batch, profile)
        except Exception as error:  # a message must not be lost, whatever is wrong with it or with us
            return _later(current, batch, error)


def _written(current: Services, thoughts: Sequence[Thought]) -> list[Written]:
    """Write answers together; if that fails for one of them, each for itself."""
    if not thoughts:
        return []
    try:
        return writing.answered(current, thoughts)
    except Exception as error:
        if len(thoughts) == 1 or _is_the_databases(error):
            return [_later(current, thought.batch, error) for thought in thoughts]
        log.warning("turn.each_for_itself", error=type(error).__name__)
        return [written for thought in thoughts for written in _written(current, [thought])]


def _give_up(current: Services, batch: Batch) -> Written:
    """A person gets the conversation; where even that fails, staff find the events under what was set aside."""
    try:
        return writing.handed_over(current, batch)
    except Exception:  # a conversation must not be blocked for ever by its own emergency
        log.exception("turn.not_handed_over")
        return writing.set_aside(current, batch)


def _later(current: Services, batch: Batch, error: Exception) -> Written:
    """The same again after a pause that grows. A database that is locked or away is no fault of the message's."""
    log.error("turn.failed", conversation_id=batch.id, event_ids=[event.id for event in batch.events], exc_info=error)
    counted = batch.attempts - 1 if _is_the_databases(error) else batch.attempts
    try:
        return writing.postponed(current, batch, 2.0**counted / 2, attempts=counted, error=type(error).__name__)
    except SQLAlchemyError as away:  # its lease ends by itself; others must hear what was written for them
        log.error("turn.not_postponed", conversation_id=batch.id, error=fault(away))
        return Written(batch.id)


def _is_the_databases(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and passes(error)


def _thought(current: Services, batch: Batch, profile: Profile | None) -> Thought | Written:
    """Think. A fragment waits for the rest of its sentence; that was no try."""
    channel = _channel(current, batch)
    inbounds = [channel.normalise(json.loads(event.raw)) for event in batch.events]
    if _still_writing(current, batch, inbounds):
        return writing.postponed(current, batch, current.settings.fragment_wait_ms / 1000, attempts=0)
    with duration.time():
        judgement = judge(current, batch.conversation, batch.taken_back, inbounds)
        return Thought(batch, inbounds, profile, ordering.begin(current, batch.conversation, judgement))


def _profile(current: Services, batch: Batch) -> Profile | None:
    """The customer's name, if it is time to ask for it and the platform answers at all."""
    if not batch.stranger or current.breaker.rests_until(batch.conversation.account_id):
        return None
    try:
        return _channel(current, batch).profile(batch.recipient)
    except Exception:  # nobody goes without an answer for want of a name
        log.exception("turn.no_profile", conversation_id=batch.id)
        return None


def _channel(current: Services, batch: Batch) -> Channel:
    return current.wiring.channels[batch.conversation.account.channel]


def _still_writing(current: Services, batch: Batch, inbounds: Sequence[Inbound]) -> bool:
    """Whether more is likely to follow, meant for the bot, and the customer has not had the time for it."""
    waited = (now() - min(event.received_at for event in batch.events)).total_seconds() * 1000
    if not 0 <= waited < current.settings.fragment_wait_ms or batch.conversation.owner != "bot":
        return False  # less than nothing: the clock was set back, and nobody knows how long it has been
    if not all(i.what == "message" for i in inbounds):
        return False
    if _are_pictures(inbounds):
        return remembering.asking(batch.conversation) is not None or not albums.is_whole(inbounds)
    return _are_fragments(inbounds)


def _are_fragments(inbounds: Sequence[Inbound]) -> bool:
    return all(i.kind == "text" for i in inbounds) and is_unfinished("\n".join(i.text for i in inbounds))


def _are_pictures(inbounds: Sequence[Inbound]) -> bool:
    """Who was asked for pictures sends several in a row: they get one answer."""
    return all(i.kind in PICTURES for i in inbounds)
