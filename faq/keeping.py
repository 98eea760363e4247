"""Rows that several people keep, as articles are: who saves names the state that was on the screen and is shown both
where it is not the newest; how it was before stands in the record.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot import journal
from bot.errors import Refused
from bot.models import JournalEntry, User
from faq.articles.comparing import Row, beside
from faq.articles.drafting import Overtaken
from faq.models import DepartmentContact, ReplyTemplate, SolvedCase

SHOWN = 20
NAMED = ("of", "template_id")  # where an entry says which row it tells of; the latter once did, of templates
Kept = TypeVar("Kept", SolvedCase, DepartmentContact, ReplyTemplate)
Said = Mapping[str, Any]


class Gone(Refused):
    """Somebody deleted it meanwhile: what is saved once more is a new one."""

    def __init__(self) -> None:
        super().__init__("這一筆已經刪除了。再按一次儲存，就存成新的一筆。")


class Change(NamedTuple):
    """Who changed what, when; nobody where it was an operator."""

    entry: JournalEntry
    user: User | None
    rows: Sequence[Row]


def taken(session: Session, kind: type[Kept], row_id: int | None, seen: int, fields: Sequence[str]) -> Kept:
    """A new row, or the one of this id, nobody else's until the transaction ends; Overtaken where what was
    `seen` is not the newest, Gone where it was deleted."""
    if row_id is None:
        return kind()
    row = session.get(kind, row_id, with_for_update={"of": kind}, populate_existing=True)
    if row is None:
        raise Gone
    if row.revision != seen:
        raise Overtaken(says(row, fields), row.revision, row.user.name if row.user else "?")
    return row


def says(row: SolvedCase | DepartmentContact | ReplyTemplate, fields: Sequence[str]) -> Said:
    return {name: getattr(row, name) for name in fields}


def keep(session: Session, row: Kept, said: Said, told: str, by: int | None, **about: Any) -> Kept:
    """It says this from now on; the record is `told`. What changes nothing overtakes nobody."""
    before = says(row, tuple(said)) if row.id else {}
    if said == before:
        return row
    for name, value in said.items():
        setattr(row, name, value)
    row.revision, row.user_id = (row.revision or 0) + 1, by
    session.add(row)
    session.flush()
    journal.changed(session, told, before, said, by=by, of=row.id, **about)
    return row


def history(session: Session, told: str, edited: Any) -> list[Change]:
    """What became of the row that is open, as it is kept or as it was typed, the newest first."""
    row_id = edited["id"] if isinstance(edited, dict) else getattr(edited, "id", None)
    if row_id is None:
        return []
    of_it = or_(*(JournalEntry.data[name].as_integer() == row_id for name in NAMED))
    of_nobody = JournalEntry.conversation_id.is_(None)  # what happens in conversations is by far the most
    wanted = select(JournalEntry).where(JournalEntry.kind == told, of_it, of_nobody)
    found = session.scalars(wanted.order_by(JournalEntry.id.desc()).limit(SHOWN)).all()
    return [Change(one, session.get(User, one.user_id) if one.user_id else None, _rows(one)) for one in found]


def after(refused: Refused, known: int | None, mine: Said, seen: int) -> dict[str, Any]:
    """What was typed; who saves it once more has seen what it takes the place of, if that is still there."""
    revision = refused.revision if isinstance(refused, Overtaken) else seen
    return {**mine, "id": None if isinstance(refused, Gone) else known, "revision": revision}


def clash(refused: Refused, mine: Said, **more: Any) -> Sequence[Row]:
    """Both versions side by side, where two wrote at once; theirs says `more`, too."""
    theirs = {**refused.theirs, **more} if isinstance(refused, Overtaken) else None
    return beside(_texts(theirs), _texts(mine)) if theirs is not None else ()


def _rows(entry: JournalEntry) -> list[Row]:
    return beside(_texts(entry.data.get("before") or {}), _texts(entry.data.get("after") or {}))


def _texts(said: Said) -> dict[str, list[str]]:
    """What is said as lines; a tick is one too."""
    return {name: _lines(value) for name, value in said.items()}


def _lines(value: Any) -> list[str]:
    return list(value) if isinstance(value, list) else ("✓" if value is True else str(value or "")).splitlines()
