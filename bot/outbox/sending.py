"""The calls themselves, made with no transaction open; an outcome is recorded together with the next claim."""

import time
from collections.abc import Mapping, Sequence

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot import conversations, disk, services
from bot.abreast import abreast
from bot.clock import now
from bot.errors import CallTooLate, PermanentSendError, SendError, TemporarySendError, UnknownOutcome
from bot.models import OutboxRow
from bot.outbox import claims, outcomes, packing
from bot.outbox.claims import Claim
from bot.outbox.outcomes import Outcome
from bot.services import Services
from bot.transactions import passes, transact

SHIFT = 12.0  # after so many seconds a conversation that has still more to say goes on in another job

Calls = Sequence[tuple[Claim, Outcome]]

log = structlog.get_logger()


def deliver(conversation_id: int) -> None:
    """Send what a conversation has to say: a job."""
    current = services.current()
    claim = transact(
        current.sessions, lambda session: claims.claim(session, current, conversations.locked(session, conversation_id))
    )
    if claim is not None:
        send(current, claim)


def send(current: Services, *claimed: Claim) -> None:
    """Make the claimed calls, of different conversations, and those after them, until nothing may go."""
    ends = time.monotonic() + SHIFT
    following: Sequence[Claim] = claimed
    while following:
        came_of = abreast(_call, following)
        following = _conclude(current, list(zip(following, came_of, strict=True)), go_on=time.monotonic() < ends)


def _call(claim: Claim) -> Outcome:
    """What became of a call: the platform's ids of the messages, or the error."""
    try:
        parcel = claim.parcel()
    except Exception as error:  # a message that can't even be built must not hold up those behind it
        log.exception("outbox.not_built", outbox_ids=claim.ids)
        return PermanentSendError(f"it cannot be built ({type(error).__name__})")
    if _in_vain(claim):
        return TemporarySendError("the platform is away")
    if now() > claim.begin_by:  # this process was held up: its call might come after what others say meanwhile
        return CallTooLate("its time was over before it was made")
    try:
        return claim.channel.send(parcel)
    except SendError as error:
        return error
    except Exception as error:  # whatever broke the call off, the platform may have taken the messages before
        log.exception("outbox.call_broken", outbox_ids=claim.ids)
        return UnknownOutcome(f"the call broke off ({type(error).__name__})")


def _in_vain(claim: Claim) -> bool:
    """A free reply can be made once: while its platform is in doubt, something else is tried first."""
    once = claim.via in (packing.REPLY, packing.ONCE)
    doubted = once and services.current().breaker.doubts(claim.account_id)
    return doubted and not claim.channel.answers(claim.recipient.account)


def _conclude(current: Services, calls: Calls, *, go_on: bool) -> list[Claim]:
    """Write down what came of the calls, together; if that fails for one of them, each for itself."""
    outcomes.observe(current.breaker, calls)
    try:
        return _concluded(current, calls, go_on)
    except Exception as error:
        if len(calls) == 1 or (isinstance(error, DBAPIError) and passes(error)):
            raise
        log.warning("outbox.each_for_itself", error=type(error).__name__)
    return [claim for call in calls for claim in _alone(current, call, go_on)]


def _alone(current: Services, call: tuple[Claim, Outcome], go_on: bool) -> list[Claim]:
    """A call whose outcome cannot be written is made again, under the same key or token."""
    try:
        return _concluded(current, [call], go_on)
    except Exception:
        log.exception("outbox.not_concluded", outbox_ids=call[0].ids)
        return []


def _concluded(current: Services, calls: Calls, go_on: bool) -> list[Claim]:
    """One transaction for the outcomes and the next claims."""

    def work(session: Session) -> list[Claim]:
        those = [claim.conversation_id for claim, _ in calls]
        conversations.hold(session, those)
        rows = claims.open_rows(session, those)
        outcomes.record(session, current, calls, rows)
        following = _next(session, current, rows) if go_on else []
        if not following:
            disk.fleeting(session)  # who does not know of it asks the platform again, under the same key or token
        return following

    return transact(current.sessions, work)


def _next(session: Session, current: Services, rows: Mapping[int, Sequence[OutboxRow]]) -> list[Claim]:
    left = {one: [row for row in theirs if row.state in claims.OPEN] for one, theirs in rows.items()}
    calls = (
        claims.next_call(session, current, conversations.locked(session, one), rest)
        for one, rest in left.items()
        if rest
    )
    return [call for call in calls if call is not None]
