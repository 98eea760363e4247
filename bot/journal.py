"""The append-only record of what happened, written in the transaction of what it tells."""

from typing import Any

from sqlalchemy.orm import Session

from bot.models import JournalEntry


def write(
    session: Session,
    kind: str,
    *,
    conversation_id: int | None = None,
    account_id: int | None = None,
    message_id: int | None = None,
    user_id: int | None = None,
    **data: Any,
) -> JournalEntry:
    """Append an entry. `kind` is a static name such as `ticket.opened`; `data` holds ids and judgements, no text."""
    entry = JournalEntry(
        kind=kind,
        conversation_id=conversation_id,
        account_id=account_id,
        message_id=message_id,
        user_id=user_id,
        data=data,
    )
    session.add(entry)
    return entry
