"""The calls: a delivery is claimed before its call, which is made with no transaction open; its outcome comes after.

A sender that is killed leaves a claimed row, which is taken over: nothing is lost, and it goes out under the same key.
"""

import random
from dataclasses import dataclass
from datetime import timedelta

import structlog
from prometheus_client import Counter
from sqlalchemy import ColumnElement, String, and_, cast, select
from sqlalchemy.orm import Session, joinedload

from bot import db, journal
from bot.clock import after, now
from bot.errors import PermanentSendError, QuotaReached, SendError, UnknownOutcome
from bot.services import Services
from bot.transactions import transact
from handoff.models import Delivery, Notice, WebhookEndpoint
from handoff.notifiers import CALL_SECONDS, AddressGone, Letter
from handoff.notify import detours, media, telling, words

OPEN = ("queued", "sending")
LONGEST = timedelta(hours=12)  # after that the bell must do
LONGEST_PAUSE = 300.0

log = structlog.get_logger()
calls = Counter("frontline_notices_total", "Calls to tell staff, by what came of them", ["medium", "outcome"])


@dataclass(frozen=True)
class Claim:
    """One call to make. `attempt` tells whether the row is still ours when its outcome is written."""

    delivery_id: int
    attempt: int
    medium: str
    letter: Letter
    address: str


def waiting(current: Services) -> set[str]:
    """The media for which something is due."""
    due = select(Delivery.medium).where(Delivery.state.in_(OPEN), Delivery.due_at <= now(), ~_held()).distinct()
    with db.reading(current.sessions) as session:
        return set(session.scalars(due))


def claim(current: Services, medium: str, limit: int) -> list[Claim]:
    """Take up to `limit` due deliveries; what was seen meanwhile, or is too old, is not sent any more."""
    return transact(current.sessions, lambda session: _claim(session, current, medium, limit))


def _claim(session: Session, current: Services, medium: str, limit: int) -> list[Claim]:
    due = (
        select(Delivery)
        .where(Delivery.medium == medium, Delivery.state.in_(OPEN), Delivery.due_at <= now(), ~_held())
        .order_by(Delivery.due_at)
        .limit(limit)
        .options(joinedload(Delivery.notice).options(joinedload(Notice.ticket), joinedload(Notice.user)))
        .with_for_update(of=Delivery, skip_locked=True)
    )
    taken = (_take(session, current, delivery) for delivery in session.scalars(due).all())
    return [claimed for claimed in taken if claimed is not None]


def _held() -> ColumnElement[bool]:
    """What waits for a program that is paused."""
    paused = select(cast(WebhookEndpoint.id, String)).where(WebhookEndpoint.paused_at.is_not(None))
    return and_(Delivery.medium == telling.WEBHOOK, Delivery.address.in_(paused))


def _take(session: Session, current: Services, delivery: Delivery) -> Claim | None:
    notice, address = delivery.notice, media.destination(session, delivery)
    if notice.seen_at is not None:
        delivery.state = "cancelled"
    elif address is None or now() - (delivery.first_due_at or delivery.created_at) > LONGEST:
        _give_up(session, current, delivery, "the address is gone" if address is None else "too old")
    else:
        delivery.state, delivery.due_at = "sending", after(CALL_SECONDS)
        delivery.attempts += 1
        letter = words.letter(notice, delivery.key, current.settings.pages, current.settings.zone)
        return Claim(delivery.id, delivery.attempts, delivery.medium, letter, address)
    return None


def send(current: Services, claimed: Claim) -> None:
    """Make the call, and write down what came of it."""
    outcome: SendError | None = None
    code: int | None = None
    try:
        code = media.notifier(current, claimed.medium).send(claimed.letter, claimed.address)
    except SendError as error:
        outcome, code = error, error.status
    except Exception as error:  # whatever broke it off, it may have arrived before
        log.exception("notice.call_broken", delivery_id=claimed.delivery_id, medium=claimed.medium)
        outcome = UnknownOutcome(f"the call broke off ({type(error).__name__})")
    calls.labels(claimed.medium, type(outcome).__name__ if outcome else "sent").inc()
    transact(current.sessions, lambda session: _record(session, current, claimed, outcome, code))


def _record(session: Session, current: Services, claimed: Claim, outcome: SendError | None, code: int | None) -> None:
    delivery = session.get_one(Delivery, claimed.delivery_id, with_for_update=True)
    if delivery.state != "sending" or delivery.attempts != claimed.attempt:
        return  # it took so long that another sender has it now
    delivery.code = code
    if outcome is None:
        delivery.state, delivery.sent_at, delivery.error = "sent", now(), ""
    elif isinstance(outcome, PermanentSendError | QuotaReached):
        _give_up(session, current, delivery, outcome.reason)
        if isinstance(outcome, AddressGone):
            media.lose(session, delivery)
    else:
        _again(session, current, delivery, outcome)
    current.broker.wake_after_commit(session)


def _again(session: Session, current: Services, delivery: Delivery, error: SendError) -> None:
    delivery.state, delivery.error = "queued", error.reason
    delivery.due_at = after(_pause(delivery.attempts, error.retry_after))
    if delivery.attempts == detours.TRIES:
        detours.take(session, current, delivery)
    log.warning("notice.not_sent", delivery_id=delivery.id, medium=delivery.medium, error=error.reason)


def _give_up(session: Session, current: Services, delivery: Delivery, reason: str) -> None:
    delivery.state, delivery.error = "failed", reason
    notice = delivery.notice
    conversation = notice.ticket.conversation_id if notice.ticket else None
    journal.write(
        session,
        "notice.failed",
        conversation_id=conversation,
        ticket_id=notice.ticket_id,
        medium=delivery.medium,
        to=[notice.user_id],
    )
    detours.take(session, current, delivery)
    log.error("notice.given_up", delivery_id=delivery.id, medium=delivery.medium, error=reason)


def _pause(attempts: int, asked: float | None) -> float:
    """Doubling from two seconds to five minutes, with jitter; never shorter than the medium asked for."""
    doubled = min(2.0 ** min(attempts, 10), LONGEST_PAUSE)
    return max(min(asked or 0.0, 3600.0), doubled * random.uniform(0.8, 1.2))
