"""Messages that the customer will not get: why, and who is told."""

from collections.abc import Iterator
from typing import Any

from prometheus_client import Counter
from sqlalchemy.orm import Session

from bot import journal, manners
from bot.clock import after
from bot.models import Conversation, OutboxRow
from bot.outbox import echoes, once, packing, patience
from bot.services import Services

BLOCKED = "the customer has blocked this account"
undelivered = Counter("frontline_messages_undelivered_total", "Messages given up", ["state"])


def reason(conversation: Conversation, row: OutboxRow) -> tuple[str, str] | None:
    """Why a row must not be sent (any more): (state, reason). Checked just before each call."""
    uncertain = "unknown" if row.unsure else ""
    if row.unsure and row.via == packing.ONCE:
        return "unknown", "the call broke off"
    if row.speaker == "bot" and conversation.owner == "human" and row.resent_at is None:
        return uncertain or "cancelled", "a person owns the conversation"
    if conversation.standby:
        return uncertain or ("failed" if row.speaker == "agent" else "cancelled"), "another module holds this chat"
    if conversation.identity is not None and conversation.identity.blocked_at is not None:
        return uncertain or ("failed" if row.speaker == "agent" else "cancelled"), BLOCKED
    if manners.of(conversation.account.channel).late(row.speaker, conversation.last_customer_at):
        wanted = row.speaker == "agent" or conversation.owner == "human"
        return uncertain or ("failed" if wanted else "cancelled"), "the customer has been silent for too long"
    if patience.over(row):
        return uncertain or "failed", row.error or "it waited for too long"
    return None


def kept_back(session: Session, current: Services, row: OutboxRow) -> tuple[str, str] | None:
    """A message that holds what only colleagues may read goes to nobody, whoever wrote it: (state, reason)."""
    if current.wiring.withheld.within(session, _said(row.body)):
        return "unknown" if row.unsure else "failed", "it holds what only colleagues may read"
    return None


def _said(body: Any) -> Iterator[str]:
    """Every text in a message's body, in whatever shape."""
    if isinstance(body, str):
        yield body
    elif isinstance(body, dict | list):
        for part in body.values() if isinstance(body, dict) else body:
            yield from _said(part)


def give_up(session: Session, current: Services, row: OutboxRow, state: str, why: str) -> None:
    """The row rests; where the customer should have heard it, the desk is told, unless an echo may still settle it."""
    row.state, row.error = state, why
    journal.write(
        session, f"message.{state}", conversation_id=row.conversation_id, message_id=row.message_id, reason=why
    )
    once.stored(session, undelivered.labels(state).inc)
    if state == "unknown" and echoes.may_come(session, row):
        row.echo_by = after(echoes.AWAITED)
    elif state != "cancelled":
        current.wiring.desk.delivery_failed(session, row.id)
