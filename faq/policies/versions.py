"""Versions of the policy. To publish one makes a release of it and of what is learned already, which goes live.

So there is one pointer, and one way back: a release brings its policy along (docs/decisions/0021).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bot import db, journal
from bot.errors import Refused
from bot.models import PolicyVersion
from bot.nlu import pointer, release
from bot.nlu.overlay import NEW
from faq.models import PolicyTrial
from faq.policies import trials
from faq.policies.checks import mistakes
from faq.policies.drafts import draft, revision, working
from faq.policies.sheet import differences


def live(session: Session) -> int:
    """The version that counts, 0 for what is shipped."""
    found = pointer.active(session)
    return (found.policy_id if found else None) or 0


def history(session: Session, limit: int) -> Sequence[PolicyVersion]:
    """The last versions, the newest first."""
    known = select(PolicyVersion).options(joinedload(PolicyVersion.user)).order_by(PolicyVersion.id.desc())
    return session.scalars(known.limit(limit)).all()


def publish(session: Session, seen: int, note: str, *, by: int | None) -> PolicyVersion:
    """Have the draft count from now on: this very one, tried beside what is live now, and no riskier."""
    db.alone(session)
    kept, changes = draft(session), working(session)
    if kept is None or revision(changes) != seen:
        raise Refused("草稿剛剛又改了。看過最新的內容再上線。")
    if wrong := mistakes(changes):
        raise wrong[0]
    _require_passed(trials.tried(session, changes))
    made = PolicyVersion(changes=changes, note=note.strip()[:200], user_id=by)
    session.add(made)
    session.delete(kept)
    session.flush()
    _goes_live(session, made, made.note, by)
    return made


def _require_passed(trial: PolicyTrial | None) -> None:
    if trial is None:
        raise Refused("這份草稿還沒試跑過。先試跑，看過會有什麼不同，再上線。")
    if not trial.report["passed"]:
        raise Refused("這份草稿比線上冒險，不能上線。試跑結果寫了哪一項沒通過、哪些訊息會變差；改掉再試跑。")


def restore(session: Session, version: int, seen: int, *, by: int | None) -> None:
    """Have an older version count again, or what is shipped (0); `seen` is the one that counted on the screen."""
    db.alone(session)
    if live(session) != seen:
        raise Refused("別人剛剛上線了另一版。看過它再決定。")
    wanted = session.get(PolicyVersion, version)
    if version and wanted is None:
        raise Refused("沒有這一版。")
    changes = wanted.changes if wanted else {}
    if wrong := mistakes(changes):
        raise wrong[0]
    if changes.get(NEW, []) != release.changes(session, pointer.active(session)).get(NEW, []):
        raise Refused("那一版的意圖和現在的不一樣。到「版本」回到當時的版本，例句和矩陣會一起回去。")
    _goes_live(session, wanted, f"↩ {version}", by)


def _goes_live(session: Session, version: PolicyVersion | None, note: str, by: int | None) -> None:
    before = pointer.active(session)
    if before is None:
        raise Refused("還沒有版本可以套用。請管理員先執行 frontline nlu train。")
    was, becomes = release.changes(session, before), version.changes if version else {}
    made = release.under(session, before, version)
    pointer.activate(session, made)
    about: dict[str, Any] = {"version": version.id if version else 0, "release": made.id, "note": note}
    journal.write(session, "policy.published", user_id=by, **about, **_moved(was, becomes))


def _moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    moved = differences(before, after)
    return {"before": {one.field: one.before for one in moved}, "after": {one.field: one.after for one in moved}}
