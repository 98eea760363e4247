"""The way out: a row before the call, its outcome after; free replies first; nothing said twice.

One call at a time a conversation, in order. A call's rows share a `batch`, which is frozen at the first try and is
the retry key, so that repeating a push is harmless. A reply that may have gone out is repeated with the same
token only; if that is refused, the row rests as `unknown` until a person settles it.
"""

import random
from dataclasses import dataclass

import structlog
from prometheus_client import Counter
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot import conversations, journal, people, services
from bot.clock import after, now
from bot.errors import PermanentSendError, ReplyTokenRefused, SendError, TemporarySendError, UnknownOutcome
from bot.messages import Outbound
from bot.models import Conversation, OutboxRow
from bot.ports import Channel, Parcel, Recipient
from bot.services import Services

CALL_SECONDS = 30.0
GIVE_UP_AFTER = 14
WAKE_AGAIN = 5.0
REPLY, PUSH = "reply", "push"

log = structlog.get_logger()
delivered = Counter("frontline_messages_delivered_total", "Messages that a platform took", ["channel", "via"])
undelivered = Counter("frontline_messages_undelivered_total", "Messages given up", ["state"])


@dataclass(frozen=True)
class Claim:
    """Rows that this process is about to send in one call."""

    rows: tuple[OutboxRow, ...]
    channel: Channel
    parcel: Parcel

    @property
    def ids(self) -> list[int]:
        return [row.id for row in self.rows]

    @property
    def via(self) -> str:
        return REPLY if self.parcel.reply_token else PUSH


def deliver(conversation_id: int) -> None:
    """Send what a conversation has to say, call by call, until nothing is due."""
    current = services.current()
    while claim := _claim(current, conversation_id):
        _send(current, claim)


def _send(current: Services, claim: Claim) -> None:
    try:
        provider_ids = claim.channel.send(claim.parcel)
    except SendError as error:
        _note_failure(current, claim, error)
    except Exception as error:  # a message that can't even be built must not hold up those behind it
        log.exception("outbox.not_built", outbox_ids=claim.ids)
        _note_failure(current, claim, PermanentSendError(f"it cannot be built ({type(error).__name__})"))
    else:
        with current.sessions.begin() as session:
            _sent(session, current, claim, provider_ids)


def _note_failure(current: Services, claim: Claim, error: SendError) -> None:
    with current.sessions.begin() as session:
        _failed(session, current, claim, error)


def _claim(current: Services, conversation_id: int) -> Claim | None:
    """Take the next call's rows: marked `sending` and committed before the platform is asked."""
    with current.sessions.begin() as session:
        conversation = conversations.locked(session, conversation_id)
        head = _head(session, current, conversation)
        if head is None:
            return None
        channel = current.wiring.channels[conversation.account.channel]
        rows = _packed(session, head, channel.pack)
        for row in rows:
            row.state, row.attempts, row.batch = "sending", row.attempts + 1, rows[0].key
            row.due_at = row.wake_at = after(CALL_SECONDS)
        claim = Claim(tuple(rows), channel, _parcel(conversation, rows))
        for row in rows:
            row.via = claim.via
        return claim


def _head(session: Session, current: Services, conversation: Conversation) -> OutboxRow | None:
    """The first row that waits, if it may go now. What is not the customer's to hear any more is cancelled."""
    open_rows = (
        select(OutboxRow)
        .where(OutboxRow.conversation_id == conversation.id, OutboxRow.state.in_(("queued", "sending")))
        .order_by(OutboxRow.id)
    )
    for row in session.scalars(open_rows):
        if row.due_at > now():
            return None  # order is kept: a later message never overtakes one that waits for its next try
        if reason := _obstacle(session, conversation, row):
            _give_up(session, current, row, *reason)
            continue
        row.unsure = row.unsure or row.state == "sending"  # its sender died between the call and the outcome
        if row.attempts >= GIVE_UP_AFTER:
            _give_up(session, current, row, "unknown" if row.unsure else "failed", row.error or "no outcome")
            continue
        return row
    return None


def _obstacle(session: Session, conversation: Conversation, row: OutboxRow) -> tuple[str, str] | None:
    """Why a row must not be sent: (state, reason). Checked just before each call."""
    if row.speaker == "bot" and conversation.owner == "human":
        return ("unknown" if row.unsure else "cancelled"), "a person owns the conversation"
    if conversation.standby:
        return "cancelled", "another module holds this chat"
    person = people.identity(session, conversation)
    if person is not None and person.blocked_at is not None:
        return ("cancelled" if row.speaker == "bot" else "failed"), "the customer has blocked this account"
    return None


def _packed(session: Session, head: OutboxRow, limit: int) -> list[OutboxRow]:
    """The head and what may go in the same call: written together, same speaker, same token."""
    same = (
        select(OutboxRow)
        .where(
            OutboxRow.conversation_id == head.conversation_id,
            OutboxRow.state == head.state,
            OutboxRow.batch == head.batch,
            OutboxRow.attempts == head.attempts,
            OutboxRow.id >= head.id,
            OutboxRow.speaker == head.speaker,
        )
        .order_by(OutboxRow.id)
    )
    return list(session.scalars(same.limit(limit)))


def _parcel(conversation: Conversation, rows: list[OutboxRow]) -> Parcel:
    head = rows[0]
    fresh = head.reply_until is not None and head.reply_until > now()
    return Parcel(
        recipient=recipient(conversation),
        messages=tuple(Outbound.from_json(row.body) for row in rows),
        speaker=head.speaker,  # type: ignore[arg-type]
        sender_name=head.sender_name,
        key=head.key,
        reply_token=head.reply_token if fresh or (head.unsure and head.via == REPLY) else None,
    )


def recipient(conversation: Conversation) -> Recipient:
    """A conversation as its channel addresses it."""
    return Recipient(conversation.account.external_id, conversation.source_kind, conversation.source_id)


def _rows(session: Session, claim: Claim) -> list[OutboxRow]:
    """The claim's rows, unless somebody else has taken them since: then the outcome is theirs to tell."""
    return list(
        session.scalars(
            select(OutboxRow)
            .where(
                OutboxRow.id.in_(claim.ids),
                OutboxRow.state == "sending",
                OutboxRow.attempts == claim.rows[0].attempts,
            )
            .order_by(OutboxRow.id)
        )
    )


def _sent(session: Session, current: Services, claim: Claim, provider_ids: list[str]) -> None:
    rows = _rows(session, claim)
    for index, row in enumerate(rows):
        row.state, row.via, row.sent_at, row.error = "sent", claim.via, now(), ""
        if index < len(provider_ids):
            row.message.external_id = provider_ids[index][:80]
        journal.write(
            session,
            "message.sent",
            conversation_id=row.conversation_id,
            message_id=row.message_id,
            via=claim.via,
            count=len(rows),
        )
    _use_up(session, claim)
    delivered.labels(claim.channel.name, claim.via).inc(len(rows))
    current.broker.wake_streams()


def _use_up(session: Session, claim: Claim) -> None:
    """A reply token serves one call: what did not fit into it goes by push."""
    if claim.parcel.reply_token is None:
        return
    rest = (OutboxRow.conversation_id == claim.rows[0].conversation_id, OutboxRow.state == "queued")
    session.execute(update(OutboxRow).where(*rest).values(reply_token=None, reply_until=None))


def _failed(session: Session, current: Services, claim: Claim, error: SendError) -> None:
    """What a failure means for the rows of the call; see the module's docstring."""
    log.warning("outbox.failed", outbox_ids=claim.ids, via=claim.via, error=error.reason)
    for row in _rows(session, claim):
        row.error = error.reason
        match error:
            case ReplyTokenRefused() if row.unsure:
                _give_up(session, current, row, "unknown", "no answer from LINE; it may have arrived")
            case ReplyTokenRefused():
                row.reply_token = row.reply_until = None
                _try_again(row, 0)
            case PermanentSendError():
                _give_up(session, current, row, "failed", error.reason)
            case _ if row.attempts >= GIVE_UP_AFTER:
                _give_up(session, current, row, "unknown" if row.unsure else "failed", error.reason)
            case UnknownOutcome():
                row.unsure = True
                _try_again(row, _pause(row.attempts, None))
            case TemporarySendError():
                _try_again(row, _pause(row.attempts, error.retry_after))


def _try_again(row: OutboxRow, seconds: float) -> None:
    row.state, row.due_at, row.wake_at = "queued", after(seconds), after(seconds)


def _pause(attempts: int, asked: float | None) -> float:
    """Doubling from one second to ten minutes, with jitter; never shorter than the platform asked for."""
    doubled = float(min(2 ** (attempts - 1), 600))
    return max(asked or 0.0, doubled * random.uniform(0.8, 1.2))


def _give_up(session: Session, current: Services, row: OutboxRow, state: str, reason: str) -> None:
    """The row rests; where the customer should have heard it, the desk is told."""
    row.state, row.error = state, reason
    journal.write(
        session, f"message.{state}", conversation_id=row.conversation_id, message_id=row.message_id, reason=reason
    )
    undelivered.labels(state).inc()
    if state != "cancelled":
        current.wiring.desk.delivery_failed(session, row.id)


def cancel_pending(session: Session, conversation_id: int, reason: str) -> None:
    """Nothing that still waits is sent (the customer blocked us)."""
    session.execute(
        update(OutboxRow)
        .where(
            OutboxRow.conversation_id == conversation_id,
            OutboxRow.state == "queued",
        )
        .values(state="cancelled", error=reason)
    )


def take_due(session: Session, limit: int = 200) -> list[int]:
    """Conversations with rows that are due; each is handed out once every few seconds."""
    due = (OutboxRow.state.in_(("queued", "sending")), OutboxRow.wake_at <= now())
    found = list(session.scalars(select(OutboxRow.conversation_id).where(*due).distinct().limit(limit)))
    if found:
        session.execute(
            update(OutboxRow).where(OutboxRow.conversation_id.in_(found), *due).values(wake_at=after(WAKE_AGAIN))
        )
    return found
