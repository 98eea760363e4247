"""Messages of ours that a platform shows us again: that proves that they went out, whatever we heard of the call.

What is shown by nobody, and of which we heard nothing, staff learn of.
"""

from collections.abc import Sequence
from functools import partial

import structlog
from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot import conversations, db, journal, manners
from bot.clock import after, now
from bot.models import Conversation, Message, OutboxRow
from bot.outbox import packing
from bot.services import Services
from bot.transactions import transact

log = structlog.get_logger()

ECHO = "echo"
LATELY = 3600.0  # seconds; an echo comes within moments
AWAITED = 60.0  # seconds that we wait for it before a person looks
BATCH = 100


def arrived(session: Session, conversation_id: int, key: str, external_id: str | None) -> bool:
    """The message of the call with this key went out. Whether there is one."""
    return _arrived(session, _rows(session, conversation_id, OutboxRow.batch == key), external_id)


def recognised(session: Session, conversation_id: int, text: str, external_id: str | None) -> bool:
    """The same for an echo without a key: the one that just goes out, with these very words. Whether there is one."""
    mine = (Message.text == text, Message.external_id.is_(None), OutboxRow.state.in_(("sending", "unknown", "sent")))
    lately = OutboxRow.due_at > after(-LATELY)
    return _arrived(session, _rows(session, conversation_id, *mine, lately)[:1], external_id)


def may_come(session: Session, row: OutboxRow) -> bool:
    """Whether an echo may still tell what became of a message that broke off."""
    channel = session.get_one(Conversation, row.conversation_id).account.channel
    return row.via == packing.ONCE and manners.of(channel).echoes


def look(current: Services) -> None:
    """Tell the desk of messages whose echo did not come, each in a transaction of its own."""
    overdue = select(OutboxRow.id, OutboxRow.conversation_id).where(OutboxRow.echo_by <= now())
    with db.reading(current.sessions) as session:
        found = session.execute(overdue.order_by(OutboxRow.echo_by).limit(BATCH)).all()
    for row_id, conversation_id in found:
        missing = partial(_missing, current=current, row_id=row_id, conversation_id=conversation_id)
        try:
            transact(current.sessions, missing)
        except DBAPIError:
            raise  # no other could have its turn now either
        except Exception:
            log.exception("outbox.echo_not_missed", row_id=row_id)


def _missing(session: Session, current: Services, row_id: int, conversation_id: int) -> None:
    """Under the lock, if it is still so."""
    conversations.hold(session, [conversation_id])
    row = session.get_one(OutboxRow, row_id, with_for_update=True)
    if row.echo_by is None or row.echo_by > now():
        return
    row.echo_by = None
    if row.state == "unknown":
        current.wiring.desk.delivery_failed(session, row.id)
        current.broker.wake_after_commit(session)


def _rows(session: Session, conversation_id: int, *those: ColumnElement[bool]) -> Sequence[OutboxRow]:
    found = select(OutboxRow).join(OutboxRow.message).where(OutboxRow.conversation_id == conversation_id, *those)
    return session.scalars(found.order_by(OutboxRow.id).with_for_update(of=OutboxRow)).all()


def _arrived(session: Session, rows: Sequence[OutboxRow], external_id: str | None) -> bool:
    for row in rows:
        row.message.external_id = row.message.external_id or external_id
        if row.state != "sent":
            row.state, row.via, row.sent_at, row.error = "sent", ECHO, now(), ""
            row.echo_by = None
            ids = {"conversation_id": row.conversation_id, "message_id": row.message_id}
            journal.write(session, "message.sent", **ids, via=ECHO, count=1)
    return bool(rows)
