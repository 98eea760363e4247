"""The draft that everybody works on. Nothing of it counts before it is published, and nobody overwrites another's."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import db, journal
from bot.errors import Refused
from faq.models import PolicyDraft


def draft(session: Session) -> PolicyDraft | None:
    """What somebody has begun to change."""
    return session.scalar(select(PolicyDraft))


def save(session: Session, changes: dict[str, Any], revision: int, *, by: int | None) -> PolicyDraft:
    """Keep the draft as it is now; Refused where a colleague has saved since `revision` (0: there was none)."""
    db.alone(session)
    kept = draft(session)
    if (kept.revision if kept else 0) != revision:
        raise Refused("%(who)s 剛剛也改了草稿。看過他改的，再改一次。", who=_name(kept))
    if kept is None:
        kept = PolicyDraft(changes=changes, user_id=by)
        session.add(kept)
    elif kept.changes != changes:
        kept.changes, kept.revision, kept.user_id = changes, revision + 1, by
    session.flush()
    return kept


def discard(session: Session, revision: int, *, by: int | None) -> None:
    """Throw the draft away, if it is still the one that was seen."""
    kept = draft(session)
    if kept is None:
        return
    if kept.revision != revision:
        raise Refused("%(who)s 剛剛也改了草稿。看過他改的，再改一次。", who=_name(kept))
    journal.write(session, "policy.discarded", user_id=by, changes=len(kept.changes))
    session.delete(kept)


def _name(kept: PolicyDraft | None) -> str:
    return kept.user.name if kept and kept.user else "?"
