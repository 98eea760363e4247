"""Leave that was entered and does not last: it ends earlier, or is taken back; what has begun stays in the books."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import journal
from bot.clock import now
from bot.errors import Refused
from handoff.assignment.waking import drain_after_commit
from handoff.models import Absence


def find(session: Session, user_id: int, starts_at: datetime) -> Absence:
    """Somebody's leave by its beginning; Refused where there is none."""
    own = select(Absence).where(Absence.user_id == user_id, Absence.starts_at == starts_at)
    found = session.scalars(own.order_by(Absence.id.desc())).first()
    if found is None:
        raise Refused("沒有這段休假，可能已經取消了。")
    return found


def take_back(session: Session, absence_id: int, *, by: int | None = None) -> None:
    """She is there after all: leave that has not begun is gone, leave that has begun ends now."""
    absence = _ahead(session, absence_id)
    if absence.starts_at < now():
        _end(session, absence, now(), by)
        return
    _tell(session, absence, "user.leave_taken_back", by, ends_at=absence.ends_at.isoformat())
    session.delete(absence)


def shorten(session: Session, absence_id: int, ends_at: datetime, *, by: int | None = None) -> Absence:
    """She is back earlier than was said."""
    absence = _ahead(session, absence_id)
    if not max(absence.starts_at, now()) < ends_at < absence.ends_at:
        raise Refused("休假只能改成提早結束，而且要在現在之後；要延長，請再排一段休假。")
    _end(session, absence, ends_at, by)
    return absence


def _ahead(session: Session, absence_id: int) -> Absence:
    """The leave, locked, if something of it is left."""
    absence = session.get(Absence, absence_id, with_for_update=True, populate_existing=True)
    if absence is None:
        raise Refused("沒有這段休假，可能已經取消了。")
    if absence.ends_at <= now():
        raise Refused("這段休假已經結束了，不能再改。")
    return absence


def _end(session: Session, absence: Absence, ends_at: datetime, by: int | None) -> None:
    before, absence.ends_at = absence.ends_at, ends_at
    _tell(session, absence, "user.leave_shortened", by, before=before.isoformat(), ends_at=ends_at.isoformat())


def _tell(session: Session, absence: Absence, kind: str, by: int | None, **facts: Any) -> None:
    """The journal knows it; and whoever is there again may be given what waits."""
    journal.write(session, kind, user_id=by, member=absence.user_id, starts_at=absence.starts_at.isoformat(), **facts)
    drain_after_commit(session)
