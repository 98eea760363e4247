"""Messages of ours that a platform shows us again: that proves that they went out, whatever we heard of the call."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from bot import journal
from bot.clock import after, now
from bot.models import Message, OutboxRow

ECHO = "echo"
LATELY = 3600.0  # seconds; an echo comes within moments


def arrived(session: Session, conversation_id: int, key: str, external_id: str | None) -> bool:
    """The message of the call with this key went out. Whether there is one."""
    return _arrived(session, _rows(session, conversation_id, OutboxRow.batch == key), external_id)


def recognised(session: Session, conversation_id: int, text: str, external_id: str | None) -> bool:
    """The same for an echo without a key: the one that just goes out, with these very words. Whether there is one."""
    mine = (Message.text == text, Message.external_id.is_(None), OutboxRow.state.in_(("sending", "unknown", "sent")))
    lately = OutboxRow.due_at > after(-LATELY)
    return _arrived(session, _rows(session, conversation_id, *mine, lately)[:1], external_id)


def _rows(session: Session, conversation_id: int, *those: ColumnElement[bool]) -> Sequence[OutboxRow]:
    found = select(OutboxRow).join(OutboxRow.message).where(OutboxRow.conversation_id == conversation_id, *those)
    return session.scalars(found.order_by(OutboxRow.id).with_for_update(of=OutboxRow)).all()


def _arrived(session: Session, rows: Sequence[OutboxRow], external_id: str | None) -> bool:
    for row in rows:
        row.message.external_id = row.message.external_id or external_id
        if row.state != "sent":
            row.state, row.via, row.sent_at, row.error = "sent", ECHO, now(), ""
            ids = {"conversation_id": row.conversation_id, "message_id": row.message_id}
            journal.write(session, "message.sent", **ids, via=ECHO, count=1)
    return bool(rows)
