"""When people work each week, and when they are away."""

from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.api import PageQuery, allow, answers, spec
from handoff.api.doing import CREATED, arrange
from handoff.api.routes import blueprint, found, listed, person, reading
from handoff.api.shapes.rota import EarlierEnd, Leave, Leaves, NewLeave, Shifts, Slot, Week
from handoff.assignment import leaves, weeks
from handoff.models import Absence, Shift


@blueprint.get("/users/<username>/shifts")
@allow("desk.lead", "shifts:read")
@spec.validate(resp=answers(HTTP_200=Week), tags=("shifts",))
def show_shifts(username: str) -> Week:
    """When somebody works each week, Monday first."""
    with reading() as session:
        return _week(session, username)


@blueprint.put("/users/<username>/shifts")
@allow("desk.lead", "shifts:write")
@spec.validate(resp=answers(HTTP_200=Week), tags=("shifts",))
def set_shifts(username: str, json: Shifts) -> Response:
    """Set when somebody works on the named weekdays; answers with the whole week."""

    def deed(session: Session, me: int) -> None:
        weeks.set_shifts(session, person(session, username).username, json.weekdays, json.hours, by=me)

    return arrange(deed, lambda session, _: _week(session, username))


@blueprint.get("/users/<username>/leave")
@allow("desk.lead", "shifts:read")
@spec.validate(resp=answers(HTTP_200=Leaves), tags=("shifts",))
def list_leave(username: str, query: PageQuery) -> Leaves:
    """When somebody is, was or will be away, newest entry first."""
    with reading() as session:
        user = person(session, username)
        wanted = select(Absence).where(Absence.user_id == user.id)
        return listed(session, Leaves, query, wanted, Absence.id, lambda one: Leave.of(one, user.username))


@blueprint.post("/users/<username>/leave")
@allow("desk.lead", "shifts:write")
@spec.validate(resp=answers(HTTP_201=Leave), tags=("shifts",))
def set_leave(username: str, json: NewLeave) -> Response:
    """Somebody is given nothing in this time."""

    def deed(session: Session, me: int) -> Absence:
        return leaves.enter(session, person(session, username).id, json.starts_at, json.ends_at, json.reason, by=me)

    return arrange(deed, lambda _, one: Leave.of(one, username), CREATED)


@blueprint.put("/users/<username>/leave/<int(max=2147483647):leave_id>")
@allow("desk.lead", "shifts:write")
@spec.validate(resp=answers(HTTP_200=Leave), tags=("shifts",))
def shorten_leave(username: str, leave_id: int, json: EarlierEnd) -> Response:
    """Somebody is back earlier than was said."""

    def deed(session: Session, me: int) -> Absence:
        return leaves.shorten(session, _leave(session, username, leave_id).id, json.ends_at, by=me)

    return arrange(deed, lambda _, one: Leave.of(one, username))


@blueprint.delete("/users/<username>/leave/<int(max=2147483647):leave_id>")
@allow("desk.lead", "shifts:write")
@spec.validate(resp=answers(HTTP_200=Leave), tags=("shifts",))
def take_back_leave(username: str, leave_id: int) -> Response:
    """Somebody is there after all. Leave that has begun ends now; answers with what it was."""

    def deed(session: Session, me: int) -> Leave:
        absence = _leave(session, username, leave_id)
        was = Leave.of(absence, username)
        leaves.take_back(session, absence.id, by=me)
        return was

    return arrange(deed, lambda _, was: was)


def _leave(session: Session, username: str, leave_id: int) -> Absence:
    own = select(Absence).where(Absence.id == leave_id, Absence.user_id == person(session, username).id)
    return found(session.scalar(own))


def _week(session: Session, username: str) -> Week:
    own = select(Shift).where(Shift.user_id == person(session, username).id)
    shifts = session.scalars(own.order_by(Shift.weekday, Shift.opens)).all()
    return Week(shifts=[Slot.of(shift) for shift in shifts])
