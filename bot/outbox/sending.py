"""The calls themselves, made with no transaction open; an outcome is recorded together with the next claim."""

import time
from collections.abc import Sequence

import structlog
from sqlalchemy.orm import Session

from bot import conversations, disk, services
from bot.errors import PermanentSendError, SendError, UnknownOutcome
from bot.models import OutboxRow
from bot.outbox import claims, outcomes
from bot.outbox.claims import Claim
from bot.outbox.outcomes import Outcome
from bot.services import Services
from bot.transactions import transact

SHIFT = 12.0  # after so many seconds a conversation that has still more to say goes on in another job

log = structlog.get_logger()


def deliver(conversation_id: int) -> None:
    """Send what a conversation has to say: a job."""
    current = services.current()
    claim = transact(
        current.sessions, lambda session: claims.claim(session, current, conversations.locked(session, conversation_id))
    )
    if claim is not None:
        send(current, claim)


def send(current: Services, claim: Claim) -> None:
    """Make the claimed call, and those after it, until nothing may go."""
    ends = time.monotonic() + SHIFT
    following: Claim | None = claim
    while following is not None:
        following = _conclude(current, following, _call(following), go_on=time.monotonic() < ends)


def _call(claim: Claim) -> Outcome:
    """What became of a call: the platform's ids of the messages, or the error."""
    try:
        parcel = claim.parcel()
    except Exception as error:  # a message that can't even be built must not hold up those behind it
        log.exception("outbox.not_built", outbox_ids=claim.ids)
        return PermanentSendError(f"it cannot be built ({type(error).__name__})")
    try:
        return claim.channel.send(parcel)
    except SendError as error:
        return error
    except Exception as error:  # whatever broke the call off, the platform may have taken the messages before
        log.exception("outbox.call_broken", outbox_ids=claim.ids)
        return UnknownOutcome(f"the call broke off ({type(error).__name__})")


def _conclude(current: Services, claim: Claim, outcome: Outcome, *, go_on: bool) -> Claim | None:
    """One transaction for the outcome and the next claim."""

    def work(session: Session) -> Claim | None:
        conversations.hold(session, claim.conversation_id)
        rows = claims.open_rows(session, claim.conversation_id)
        outcomes.record(session, current, claim, outcome, rows)
        rest = [row for row in rows if row.state in claims.OPEN]
        following = _next(session, current, claim.conversation_id, rest) if rest and go_on else None
        if following is None:
            disk.fleeting(session)  # who does not know of it asks the platform again, under the same key or token
        return following

    outcomes.observe(current.breaker, claim, outcome)
    return transact(current.sessions, work)


def _next(session: Session, current: Services, conversation_id: int, rest: Sequence[OutboxRow]) -> Claim | None:
    return claims.next_call(session, current, conversations.locked(session, conversation_id), rest)
