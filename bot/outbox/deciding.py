"""What staff decide about messages that came to rest: send them again, note that they arrived, or let them go."""

import uuid
from collections import Counter
from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import conversations, journal
from bot.clock import after, now
from bot.errors import Refused
from bot.models import Conversation, OutboxRow
from bot.outbox import patience
from bot.outbox.packing import PUSH


def resend(session: Session, row_ids: Collection[int], user_id: int | None = None) -> int:
    """Send given-up messages again, in their old order; returns how many. None is, where one of them may not be."""
    rows = _locked(session, row_ids, "failed", "unknown")
    same_key = _repeatable_together(session, rows)
    for row in rows:
        if row.id not in same_key:
            _new_key(row)
        row.state, row.error = "queued", ""  # its tries count on: an old sender must not take one of them for its own
        row.due_at, row.wake_at, row.resent_at, row.echo_by = now(), after(2), now(), None
        _journal(session, "message.resent", row, user_id)
    for conversation_id in {row.conversation_id for row in rows}:
        conversations.deliver_soon(session, conversation_id)
    return len(rows)


def settle(session: Session, row_id: int, user_id: int | None = None) -> None:
    """A person saw that a message of unknown outcome did arrive."""
    for row in _locked(session, [row_id], "unknown"):
        row.state, row.sent_at, row.error, row.echo_by = "sent", now(), "", None
        _journal(session, "message.settled", row, user_id)


def let_go(session: Session, row_ids: Collection[int], user_id: int | None = None) -> None:
    """Given-up messages that nobody needs any more: they are not listed again."""
    for row in _locked(session, row_ids, "failed"):
        row.state, row.error = "cancelled", "somebody decided not to send it"
        _journal(session, "message.let_go", row, user_id)


def repeatable(session: Session, rows: Sequence[OutboxRow]) -> set[int]:
    """Pushes of which the platform would still tell a repeat: each, sent again by itself, cannot arrive twice."""
    batches = Counter(row.batch for row in rows)
    return _repeatable_together(session, [row for row in rows if batches[row.batch] == 1])


def _repeatable_together(session: Session, rows: Sequence[OutboxRow]) -> set[int]:
    """The same, if all these are sent again at once.

    A key stands for all rows of its call: under it, the platform would take one that goes alone for its company.
    """
    known = [row for row in rows if _key_is_known(row)]
    missed = select(OutboxRow.batch).where(
        OutboxRow.conversation_id.in_({row.conversation_id for row in known}),
        OutboxRow.batch.in_({row.batch for row in known}),
        OutboxRow.id.not_in([row.id for row in known]),
    )
    incomplete = set(session.scalars(missed)) if known else set()
    return {row.id for row in known if row.batch not in incomplete}


def _key_is_known(row: OutboxRow) -> bool:
    kept = row.state == "unknown" and row.via == PUSH and row.batch is not None
    return kept and patience.key_age(row) < patience.LONGEST


def _new_key(row: OutboxRow) -> None:
    row.key, row.keyed_at, row.batch, row.unsure = str(uuid.uuid4()), None, None, False
    row.reply_token = row.reply_until = None


def _locked(session: Session, row_ids: Collection[int], *states: str) -> Sequence[OutboxRow]:
    """The rows, their conversations locked. Refused where a row is in another state by now."""
    theirs = select(OutboxRow.conversation_id).where(OutboxRow.id.in_(row_ids))
    lock = select(Conversation.id).where(Conversation.id.in_(theirs)).order_by(Conversation.id).with_for_update()
    session.execute(lock)
    found = select(OutboxRow).where(OutboxRow.id.in_(row_ids)).order_by(OutboxRow.id)
    rows = session.scalars(found.execution_options(populate_existing=True)).all()
    for missing in sorted(set(row_ids) - {row.id for row in rows}):
        raise Refused("沒有 %(id)s 號訊息。", id=missing)
    for row in rows:
        if row.state not in states:
            raise Refused("%(id)s 號訊息的狀態已改變，請重新整理後再試。", id=row.id)
    return rows


def _journal(session: Session, kind: str, row: OutboxRow, user_id: int | None) -> None:
    journal.write(
        session,
        kind,
        conversation_id=row.conversation_id,
        message_id=row.message_id,
        user_id=user_id,
    )
