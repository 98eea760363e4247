"""The draft that everybody works on. Nothing of it counts before it is published, and nobody overwrites another's.

What stands on somebody's screen is named by what it says: a draft that was thrown away and begun anew is another one,
and one that says the same again is the same.
"""

import hashlib
import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import db, journal
from bot.errors import Refused
from bot.nlu import release
from bot.nlu.overlay import NEW, Changes
from bot.nlu.pointer import active
from faq.models import PolicyDraft


class Overtaken(Refused):
    """Somebody else has changed it since: here is `theirs`, which is now called `revision`."""

    def __init__(self, theirs: Changes, revision: int, who: str) -> None:
        super().__init__("%(who)s 剛剛也改了草稿。你改的還在下面，還沒存。", who=who)
        self.theirs, self.revision = theirs, revision


def draft(session: Session) -> PolicyDraft | None:
    """What somebody has begun to change."""
    return session.scalar(select(PolicyDraft))


def working(session: Session) -> dict[str, Any]:
    """What a form starts from: the draft, else what counts. Which intents there are is the live release's matter."""
    kept, live = draft(session), release.changes(session, active(session))
    drafted = kept.changes if kept else live
    rest = {field: value for field, value in drafted.items() if field != NEW}
    return {**rest, NEW: live[NEW]} if live.get(NEW) else rest


def revision(changes: Changes) -> int:
    """Names what a draft says; what is shipped is 0."""
    said = json.dumps(changes, ensure_ascii=False, sort_keys=True)
    return int(hashlib.sha256(said.encode()).hexdigest()[:7], 16) if changes else 0


def save(session: Session, changes: dict[str, Any], seen: int, *, by: int | None) -> PolicyDraft:
    """Keep the draft as it is now; Overtaken where it does not say any more what was `seen`."""
    db.alone(session)
    kept, now_is = draft(session), working(session)
    if revision(now_is) != seen:
        raise Overtaken(now_is, revision(now_is), _name(kept))
    if kept is None:
        kept = PolicyDraft()
        session.add(kept)
    if kept.changes != changes:
        kept.changes, kept.revision, kept.user_id = changes, revision(changes), by
    session.flush()
    return kept


def merged(theirs: Changes, seen: Changes, mine: Changes) -> dict[str, Any]:
    """Theirs, with what I changed of what I had seen."""
    touched = {field for field in {*seen, *mine} if seen.get(field) != mine.get(field)}
    kept = {field: value for field, value in theirs.items() if field not in touched}
    return kept | {field: mine[field] for field in touched if field in mine}


def discard(session: Session, seen: int, *, by: int | None) -> None:
    """Throw the draft away, if it is still the one that was seen."""
    db.alone(session)
    kept = draft(session)
    if kept is None:
        return
    if revision(working(session)) != seen:
        raise Refused("%(who)s 剛剛也改了草稿。看過他改的，再決定。", who=_name(kept))
    journal.write(session, "policy.discarded", user_id=by, changes=len(kept.changes))
    session.delete(kept)


def _name(kept: PolicyDraft | None) -> str:
    return kept.user.name if kept and kept.user else "?"
