"""Messages that the customer will not get: why, and who is told."""

from prometheus_client import Counter
from sqlalchemy.orm import Session

from bot import journal
from bot.models import Conversation, OutboxRow
from bot.outbox import once, patience
from bot.services import Services

undelivered = Counter("frontline_messages_undelivered_total", "Messages given up", ["state"])


def reason(conversation: Conversation, row: OutboxRow) -> tuple[str, str] | None:
    """Why a row must not be sent (any more): (state, reason). Checked just before each call."""
    uncertain = "unknown" if row.unsure else ""
    if row.speaker == "bot" and conversation.owner == "human" and row.resent_at is None:
        return uncertain or "cancelled", "a person owns the conversation"
    if conversation.standby:
        return uncertain or "cancelled", "another module holds this chat"
    if conversation.identity is not None and conversation.identity.blocked_at is not None:
        return uncertain or ("cancelled" if row.speaker == "bot" else "failed"), "the customer has blocked this account"
    if patience.over(row):
        return uncertain or "failed", row.error or "it waited for too long"
    return None


def give_up(session: Session, current: Services, row: OutboxRow, state: str, why: str) -> None:
    """The row rests; where the customer should have heard it, the desk is told."""
    row.state, row.error = state, why
    journal.write(
        session, f"message.{state}", conversation_id=row.conversation_id, message_id=row.message_id, reason=why
    )
    once.stored(session, undelivered.labels(state).inc)
    if state != "cancelled":
        current.wiring.desk.delivery_failed(session, row.id)
