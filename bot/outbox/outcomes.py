"""What a call's outcome means for its rows."""

from collections.abc import Mapping, Sequence

import structlog
from prometheus_client import Counter
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot import journal
from bot.breaker import Breaker
from bot.clock import after, now
from bot.errors import (
    PermanentSendError,
    QuotaReached,
    ReplyTokenRefused,
    SendError,
    TemporarySendError,
    UnknownOutcome,
)
from bot.models import Message, OutboxRow
from bot.outbox import ending, packing, patience, quota
from bot.outbox.claims import Claim
from bot.services import Services

Outcome = list[str] | SendError

log = structlog.get_logger()
delivered = Counter("frontline_messages_delivered_total", "Messages that a platform took", ["channel", "via"])


def observe(breaker: Breaker, calls: Sequence[tuple[Claim, Outcome]]) -> None:
    """What calls made at the same time tell of their platforms."""
    for account in {claim.account_id for claim, _ in calls}:
        _judge(breaker, account, [outcome for claim, outcome in calls if claim.account_id == account])
    for claim, outcome in calls:
        if isinstance(outcome, SendError):
            log.warning("outbox.failed", outbox_ids=claim.ids, via=claim.via, error=outcome.reason)
        else:
            delivered.labels(claim.channel.name, claim.via).inc(len(claim.rows))


def _judge(breaker: Breaker, account: int, came: Sequence[Outcome]) -> None:
    """Any clear answer, also a refusal, shows that the platform is there; else this was one failure, however many."""
    troubles = [outcome for outcome in came if isinstance(outcome, TemporarySendError | UnknownOutcome)]
    unasked = [outcome for outcome in came if _never_left(outcome)]
    if len(troubles) + len(unasked) < len(came):
        breaker.well(account)
    elif troubles:
        breaker.trouble(account, max((one.retry_after or 0.0 for one in troubles), default=0.0) or None)


def _never_left(outcome: Outcome) -> bool:
    """It could not be built, or not in time: the platform was not asked."""
    unclear = isinstance(outcome, TemporarySendError | UnknownOutcome)
    return isinstance(outcome, SendError) and not unclear and outcome.status is None


def record(
    session: Session, current: Services, calls: Sequence[tuple[Claim, Outcome]], rows: Mapping[int, Sequence[OutboxRow]]
) -> None:
    """Write down what became of calls; `rows` are their conversations' open ones."""
    named: list[dict[str, object]] = []
    for claim, outcome in calls:
        if isinstance(outcome, SendError):
            _failed(session, current, claim, outcome, rows[claim.conversation_id])
        else:
            named += _sent(session, claim, outcome, rows[claim.conversation_id])
    if named:
        session.execute(update(Message), named)
    current.broker.wake_after_commit(session)


def _sent(
    session: Session, claim: Claim, provider_ids: list[str], rows: Sequence[OutboxRow]
) -> list[dict[str, object]]:
    """Bring the rows to rest; the platform's ids of their messages."""
    names = dict(zip(claim.ids, provider_ids, strict=False))
    sent = _that_went_out(session, claim, rows)
    for row in sent:
        row.state, row.via, row.sent_at, row.error = "sent", claim.via, now(), ""
        _journal(session, claim, row)
    return [{"id": row.message_id, "external_id": names[row.id][:80]} for row in sent if row.id in names]


def _journal(session: Session, claim: Claim, row: OutboxRow) -> None:
    ids = {"conversation_id": row.conversation_id, "message_id": row.message_id}
    journal.write(session, "message.sent", **ids, via=claim.via, count=len(claim.rows))


def _that_went_out(session: Session, claim: Claim, rows: Sequence[OutboxRow]) -> Sequence[OutboxRow]:
    """The claim's rows. Good news is never too late: also those that somebody else has taken over or given up."""
    mine = [row for row in rows if _still_mine(claim, row)]
    if len(mine) == len(claim.rows):
        return mine
    under_its_key = (OutboxRow.id.in_(claim.ids), OutboxRow.batch == claim.key, OutboxRow.state != "sent")
    return session.scalars(select(OutboxRow).where(*under_its_key)).all()


def _still_mine(claim: Claim, row: OutboxRow) -> bool:
    """The same try of the same call: a row that was sent again is on its way under another key, or for another time."""
    return row.state == "sending" and row.batch == claim.key and row.attempts == claim.attempts.get(row.id)


def _failed(session: Session, current: Services, claim: Claim, error: SendError, rows: Sequence[OutboxRow]) -> None:
    """A failure counts only for who still has the rows: whoever took them over tells their outcome."""
    mine = [row for row in rows if _still_mine(claim, row)]
    if isinstance(error, QuotaReached) and mine:
        quota.reached(session, claim.account_id)
    again_at = after(_pause(claim, error))
    for row in mine:
        row.error = error.reason
        if end := _end(row, error, in_company=len(claim.rows) > 1):
            ending.give_up(session, current, row, *end)
        else:
            _learn(row, error)
            row.state, row.due_at, row.wake_at = "queued", again_at, again_at


def _end(row: OutboxRow, error: SendError, *, in_company: bool) -> tuple[str, str] | None:
    """How a row ends with this failure; None: it is tried again."""
    match error:
        case ReplyTokenRefused() if row.unsure:
            return "unknown", "no answer from LINE; it may have arrived"
        case UnknownOutcome() if row.via == packing.ONCE:
            return "unknown", error.reason
        case PermanentSendError() if not in_company:
            return "failed", error.reason
        case _:
            return None


def _learn(row: OutboxRow, error: SendError) -> None:
    """What the next try must do otherwise."""
    match error:
        case ReplyTokenRefused():
            row.reply_token = row.reply_until = None
        case PermanentSendError():
            row.alone, row.unsure = True, False  # one of the company is refused, and nobody says which
        case UnknownOutcome():
            row.unsure = True
        case QuotaReached() if not row.unsure:
            row.keyed_at = None  # it waits for the quota, which may take weeks, and not for the platform


def _pause(claim: Claim, error: SendError) -> float:
    """Who was refused for what another try does otherwise need not wait."""
    match error:
        case TemporarySendError() | UnknownOutcome():
            return patience.pause(claim.rows[0].attempts, error.retry_after)
        case _:
            return 0.0
