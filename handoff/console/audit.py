"""The page of the record: who changed how the house is arranged, when, and how it was before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import db
from bot.models import JournalEntry, User
from handoff import auditing
from handoff.console.visit import leads, services, sidebar
from handoff.models import Team

SHOWN = 50
MOMENTS = ("starts_at", "ends_at", "expires_at")
SIDES = ("before", "after")

blueprint = Blueprint("audit", "handoff", url_prefix="/audit")


class Change(NamedTuple):
    """A field, as it was and as it is; None where there was, or is, nothing."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Line:
    """An entry as the page reads it. `by` is nobody where the house itself or an operator did it."""

    id: int
    at: datetime
    kind: str
    by: User | None
    member: User | None
    facts: Mapping[str, Any]
    changes: Sequence[Change]


@blueprint.get("")
@leads
def page() -> ResponseReturnValue:
    """The newest entries, or those before one; about everything, one thing, or one person."""
    about, username = request.args.get("about", ""), request.args.get("person", "")
    about = about if about in auditing.KINDS else ""
    with db.reading(services().sessions) as session:
        people = session.scalars(select(User).order_by(User.name, User.id)).all()
        person = next((user for user in people if user.username == username), None)
        found = _found(session, about, person, request.args.get("before", 0, type=int))
        return render_template(
            "console/audit/page.html",
            lines=_lines(session, found[:SHOWN]),
            older=found[SHOWN - 1].id if len(found) > SHOWN else None,
            about=about,
            abouts=tuple(auditing.KINDS),
            person=person,
            people=people,
            teams=dict(session.execute(select(Team.key, Team.name)).all()),
            view="audit",
            **sidebar(session),
        )


def _found(session: Session, about: str, person: User | None, before: int) -> Sequence[JournalEntry]:
    wanted = auditing.entries(about, person.id if person else None)
    if before > 0:
        wanted = wanted.where(JournalEntry.id < before)
    return session.scalars(wanted.order_by(JournalEntry.id.desc()).limit(SHOWN + 1)).all()


def _lines(session: Session, found: Sequence[JournalEntry]) -> list[Line]:
    names = auditing.people(session, found)
    return [_line(entry, names) for entry in found]


def _line(entry: JournalEntry, names: Mapping[int | None, User]) -> Line:
    return Line(
        id=entry.id,
        at=entry.at,
        kind=entry.kind,
        by=names.get(entry.user_id),
        member=names.get(entry.data.get("member")),
        facts={name: value for name, value in entry.data.items() if name not in SIDES},
        changes=_changes(*({**entry.data.get(side, {})} for side in SIDES)),
    )


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    return [Change(name, _read(name, before.get(name)), _read(name, after.get(name))) for name in {**before, **after}]


def _read(field: str, value: Any) -> Any:
    """Moments as such, so that they are shown on the shop's clock."""
    return datetime.fromisoformat(value) if value and field in MOMENTS else value
