"""Moving the pointer: to a release that passed, or back to one that was live before. No restart, no failed turn.

With a release come its sentences, its intents, its policy and its lexicons.
"""

from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bot import db, journal
from bot.errors import ContentError, Refused
from bot.models import Release
from bot.nlu import pointer, policy, release
from bot.nlu.policy import Rules
from bot.settings import Settings
from faq.models import Build

KEPT = 12


def activate(session: Session, settings: Settings, release_id: int, *, seen: int | None, by: int | None) -> Release:
    """This release counts from now on; `seen` is the one that was live on the screen of who decides."""
    db.alone(session)
    live = pointer.active(session)
    if live is not None and live.id != seen:
        raise Refused("線上版本剛剛換成 r%(id)s 了，看過它之後再決定。", id=live.id)
    wanted = _usable(session, settings, release_id, live)
    if live is None or live.id != wanted.id:
        pointer.activate(session, wanted)
        journal.changed(session, "release.activated", _facts(live), _facts(wanted), by=by)
    return wanted


def choices(session: Session) -> Sequence[Release]:
    """The releases that were live, or may be, the one that was activated or made last first.

    What is kept while its build goes on, or after that broke off, may not.
    """
    passed = select(Build.release_id).where(Build.state == "passed")
    may = or_(Release.base.is_(None), Release.activated_at.is_not(None), Release.id.in_(passed))
    last = func.coalesce(Release.activated_at, Release.created_at)
    return session.scalars(select(Release).where(may).order_by(last.desc(), Release.id.desc()).limit(KEPT)).all()


def _facts(one: Release | None) -> dict[str, int | None]:
    return {"release": one.id, "policy": one.policy_id} if one else {"release": None, "policy": None}


def _usable(session: Session, settings: Settings, release_id: int, live: Release | None) -> Release:
    wanted = session.get(Release, release_id)
    if wanted is None:
        raise Refused("沒有 r%(id)s 這一版。", id=release_id)
    if not release.readable(wanted):
        raise Refused("r%(id)s 是用別的程式版本建立的，不能上線，請重新建立。", id=release_id)
    if not release.usable(settings, wanted):
        raise Refused("r%(id)s 的檔案不完整，不能上線，請重新建立。", id=release_id)
    rules_of(session, wanted)
    unproven = wanted.base is not None and wanted.activated_at is None
    if unproven and live is not None and _compared_with(session, wanted) != live.id:
        raise Refused("r%(id)s 是和別的版本比過的，現在線上是 r%(live)s，請重新建立。", id=release_id, live=live.id)
    return wanted


def rules_of(session: Session, wanted: Release) -> Rules:
    """Its policy; Refused where the shipped files no longer know what it speaks of: the one before would stay."""
    try:
        return policy.made(release.changes(session, wanted))
    except ContentError as error:
        problem = str(error).splitlines()[0]
        raise Refused(
            "r%(id)s 的矩陣和出廠的檔案對不上，不能上線：%(problem)s", id=wanted.id, problem=problem
        ) from error


def _compared_with(session: Session, wanted: Release) -> int | None:
    """The release that was live when this one passed."""
    passed = select(Build).where(Build.release_id == wanted.id, Build.state == "passed").order_by(Build.id.desc())
    build = session.scalar(passed.limit(1))
    return build.report.get("live") if build else None
