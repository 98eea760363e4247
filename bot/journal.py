"""The append-only record of what happened, written in the transaction of what it tells.

The entries of a transaction go in together, just before its commit: one statement, and ids that commit in the order
in which they were given, but for a moment.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import event, insert
from sqlalchemy.orm import Session, sessionmaker

from bot.clock import now
from bot.models import JournalEntry, Message

PENDING = "journal"


def write(
    session: Session,
    kind: str,
    *,
    conversation_id: int | None = None,
    account_id: int | None = None,
    message_id: int | Message | None = None,
    user_id: int | None = None,
    **data: Any,
) -> None:
    """Append an entry. `kind` is a static name such as `ticket.opened`; `data` holds ids and judgements, no text.

    A message that has no id before the next flush is given as itself.
    """
    session.info.setdefault(PENDING, []).append(
        {
            "kind": kind,
            "conversation_id": conversation_id,
            "account_id": account_id,
            "message_id": message_id,
            "user_id": user_id,
            "data": data,
        }
    )


def changed(
    session: Session,
    kind: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    by: int | None,
    **about: Any,
) -> None:
    """Append who changed how the house is arranged, with what differs, as it was and as it is. No difference, no entry.

    `by` is nobody where an operator did it at a terminal, or the house itself.
    """
    differs = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if differs:
        was, now_is = ({name: side.get(name) for name in differs} for side in (before, after))
        write(session, kind, user_id=by, **about, before=was, after=now_is)


def attend(sessions: sessionmaker[Session]) -> None:
    """Keep the journal of these sessions."""
    event.listen(sessions, "before_commit", _append)
    event.listen(sessions, "after_rollback", _forget)


def _append(session: Session) -> None:
    if entries := session.info.pop(PENDING, None):
        session.flush()  # what the entries tell of comes first
        # No sooner: the stream looks back ten seconds, and what was done so far may have waited for locks. And one time
        # for all: by it a vote finds what its turn answered (bot/turn/voting.py).
        at = now()
        session.execute(insert(JournalEntry.__table__), [{"at": at, **_named(entry)} for entry in entries])  # type: ignore[arg-type]


def _named(entry: dict[str, Any]) -> dict[str, Any]:
    message = entry["message_id"]
    return {**entry, "message_id": message.id} if isinstance(message, Message) else entry


def _forget(session: Session) -> None:
    session.info.pop(PENDING, None)
