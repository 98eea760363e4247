"""Leave: entered, and where it does not last ended earlier or taken back; what has begun stays in the books."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import journal
from bot.clock import now
from bot.errors import Refused
from handoff.models import Absence
from handoff.waking import drain_after_commit


def enter(
    session: Session, user_id: int, starts_at: datetime, ends_at: datetime, reason: str = "", *, by: int | None = None
) -> Absence:
    """Somebody is given nothing in this time."""
    if starts_at >= ends_at:
        raise Refused("休假的最後一天要在第一天之後，或是同一天。")
    absence = Absence(user_id=user_id, starts_at=starts_at, ends_at=ends_at, reason=reason[:80])
    session.add(absence)
    journal.changed(session, "user.leave_set", {}, _days(absence), by=by, member=user_id)
    return absence


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
    _tell(session, absence, "user.leave_taken_back", by, {})
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
    _tell(session, absence, "user.leave_shortened", by, _days(absence) | {"ends_at": ends_at.isoformat()})
    absence.ends_at = ends_at


def _tell(session: Session, absence: Absence, kind: str, by: int | None, after: dict[str, str]) -> None:
    """The journal knows it; and whoever is there again may be given what waits."""
    journal.changed(session, kind, _days(absence), after, by=by, member=absence.user_id)
    drain_after_commit(session)


def _days(absence: Absence) -> dict[str, str]:
    return {"starts_at": absence.starts_at.isoformat(), "ends_at": absence.ends_at.isoformat()}
