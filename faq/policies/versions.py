"""Versions of the policy: the newest counts, in every process within seconds; an older one comes back as a new one."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bot import db, journal
from bot.errors import Refused
from bot.models import PolicyVersion
from faq.policies import trials
from faq.policies.checks import mistakes
from faq.policies.drafts import draft
from faq.policies.sheet import differences


def newest(session: Session) -> PolicyVersion | None:
    """What was published last, if anything ever was."""
    return session.scalar(select(PolicyVersion).order_by(PolicyVersion.id.desc()).limit(1))


def history(session: Session, limit: int) -> Sequence[PolicyVersion]:
    """The last versions, the newest first."""
    known = select(PolicyVersion).options(joinedload(PolicyVersion.user)).order_by(PolicyVersion.id.desc())
    return session.scalars(known.limit(limit)).all()


def publish(session: Session, revision: int, note: str, *, by: int | None) -> PolicyVersion:
    """Have the draft count from now on: this very one, tried on past messages beside what counts now."""
    db.alone(session)
    kept, live = draft(session), newest(session)
    if kept is None or kept.revision != revision:
        raise Refused("草稿剛剛又改了。看過最新的內容再上線。")
    if wrong := mistakes(kept.changes):
        raise wrong[0]
    if not trials.vouches(session, kept.changes, live.id if live else 0):
        raise Refused("這份草稿還沒試跑過。先試跑，看過會有什麼不同，再上線。")
    session.delete(kept)
    return _set(session, live, kept.changes, note, by)


def restore(session: Session, version: int, seen: int, *, by: int | None) -> PolicyVersion:
    """Have an older version count again, or what is shipped (0); `seen` is the one that counted on the screen."""
    db.alone(session)
    live = newest(session)
    if (live.id if live else 0) != seen:
        raise Refused("別人剛剛上線了另一版。看過它再決定。")
    wanted = session.get(PolicyVersion, version)
    if version and wanted is None:
        raise Refused("沒有這一版。")
    changes = wanted.changes if wanted else {}
    if wrong := mistakes(changes):
        raise wrong[0]
    return _set(session, live, changes, f"↩ {version}", by)


def _set(
    session: Session, live: PolicyVersion | None, changes: Mapping[str, Any], note: str, by: int | None
) -> PolicyVersion:
    before = live.changes if live else {}
    made = PolicyVersion(changes=dict(changes), note=note.strip()[:200], user_id=by)
    session.add(made)
    session.flush()
    moved = differences(before, changes)
    journal.write(
        session,
        "policy.published",
        user_id=by,
        version=made.id,
        note=made.note,
        before={one.field: one.before for one in moved},
        after={one.field: one.after for one in moved},
    )
    return made
