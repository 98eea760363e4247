"""The page of the people: who takes whose cases, when they work, when they are away; and for admins, who there is."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from bot import db
from bot.auth import ROLES, accounts, allow
from bot.auth.permissions import HELPING
from bot.errors import FrontlineError, Refused
from bot.transactions import transact
from handoff.assignment import leaves, teams, weeks
from handoff.console import roster
from handoff.console.visit import leads, member, services, sidebar
from handoff.hours import WEEKDAYS
from handoff.notify import reach

blueprint = Blueprint("people", "handoff", url_prefix="/people")
head_of_house = allow("house.run")


@blueprint.get("")
@leads
def page() -> ResponseReturnValue:
    """Everything, or what is sought; the team that was changed last is open."""
    return _page(request.args.get("team", ""))


def _page(opened: str = "", problem: str = "") -> str:
    """With a `problem` it stands beside the form that brought it, which is open and keeps what was typed."""
    with db.reading(services().sessions) as session:
        return render_template(
            "console/people/page.html",
            view="people",
            roster=roster.load(session, services(), request.args.get("q", "").strip()[:80]),
            reach=reach.look(session, services()),
            opened=opened,
            problem=problem,
            refused_by=(request.endpoint or "").rpartition(".")[2] if problem else "",
            given=request.form,
            helping=HELPING,
            roles=ROLES,
            weekdays=WEEKDAYS,
            **sidebar(session),
        )


@blueprint.post("/members")
@leads
def put_member() -> ResponseReturnValue:
    """Somebody takes a team's cases on these terms; or none any more."""
    team, username, form = _given("team"), _given("username"), request.form
    if "remove" in form:
        return _do_to(team, lambda session: teams.leave(session, team, username, by=member().id))
    capacity, skills = max(0, min(form.get("capacity", 5, type=int), 100)), form.getlist("skills")
    lead, standby, by = "lead" in form, "standby" in form, member().id
    return _do_to(
        team, lambda session: teams.join(session, team, username, capacity, skills, lead=lead, standby=standby, by=by)
    )


@blueprint.post("/teams")
@leads
def put_team() -> ResponseReturnValue:
    """What a team is called, who answers for it last, and who helps it in a rush; or a new one."""
    key, name, by = _given("key"), _given("name"), member().id
    head, overflow = (_given(field) if field in request.form else None for field in ("head", "overflow"))
    return _do_to(key, lambda session: teams.put(session, key, name, head, overflow, by=by))


@blueprint.post("/shifts")
@leads
def put_shifts() -> ResponseReturnValue:
    """When somebody works on the chosen weekdays."""
    weekdays = [day for day in request.form.getlist("weekday") if day in WEEKDAYS]
    username, hours, by = _given("username"), _given("hours"), member().id
    return _do("shifts", lambda session: weeks.set_shifts(session, username, weekdays, hours, by=by))


@blueprint.post("/leave")
@leads
def put_leave() -> ResponseReturnValue:
    """Somebody is away from the first day until the end of the last."""
    first, last = _day("first"), _day("last") + timedelta(days=1)
    username, reason, by = _given("username"), _given("reason"), member().id
    return _do(
        "leave",
        lambda session: leaves.enter(session, teams.user(session, username).id, first, last, reason, by=by),
    )


@blueprint.post("/leave/<int:absence_id>")
@leads
def change_leave(absence_id: int) -> ResponseReturnValue:
    """It ends after another day, or is taken back."""
    by = member().id
    if "take_back" in request.form:
        return _do("leave", lambda session: leaves.take_back(session, absence_id, by=by))
    if not _given("last"):
        return _refused(gettext("要提早結束休假，請填最後一天。"))
    ends_at = _day("last") + timedelta(days=1)
    return _do("leave", lambda session: leaves.shorten(session, absence_id, ends_at, by=by))


@blueprint.post("/users")
@head_of_house
def add_user() -> ResponseReturnValue:
    """A new member of staff."""
    name, role, password = _given("name"), _given("role"), request.form.get("password", "")
    username, by = _given("username"), member().id
    return _do("users", lambda session: accounts.create_user(session, username, name, role, password, by=by))


@blueprint.post("/users/change")
@head_of_house
def change_user() -> ResponseReturnValue:
    """Another role or name, or gone, or back; of oneself only somebody else does that."""
    username, role, name = (_given(field) for field in ("username", "role", "name"))
    active, by = "active" in request.form, member().id
    if username == member().username:
        return _refused(gettext("自己的角色請另一位管理員改。"))
    return _do("users", lambda session: accounts.change_user(session, username, role, active=active, by=by, name=name))


def _do(part: str, deed: Callable[[Session], object], team: str = "") -> ResponseReturnValue:
    """Do it and show that part of the page; a refusal says why and changes nothing."""
    try:
        transact(services().sessions, deed)
    except Refused as refused:
        return _refused(gettext(refused.reason, **refused.facts), team)
    except FrontlineError as refused:
        return _refused(str(refused), team)
    flash(gettext("已儲存。"))
    return redirect(url_for("console.people.page", team=team or None, _anchor=part))


def _do_to(team: str, deed: Callable[[Session], object]) -> ResponseReturnValue:
    """What concerns a team, which is open afterwards."""
    return _do(f"team-{team}", deed, team)


def _refused(why: str, team: str = "") -> ResponseReturnValue:
    return _page(team, gettext("沒有儲存：%(why)s", why=why)), 409


def _given(field: str) -> str:
    return request.form.get(field, "").strip()[:200]


def _day(field: str) -> datetime:
    """The beginning of a day, on the shop's clock."""
    try:
        day = datetime.strptime(_given(field), "%Y-%m-%d").date()
    except ValueError:
        abort(400)
    return datetime.combine(day, time(), services().settings.zone)
