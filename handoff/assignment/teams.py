"""Teams and who belongs to them: as the policy names them, and as those who run the desk arrange it."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot import journal
from bot.auth import permissions
from bot.errors import FrontlineError, Refused
from bot.models import User
from handoff.assignment import departures
from handoff.assignment.waking import drain_after_commit
from handoff.hours import WEEKDAYS, slots
from handoff.models import Absence, Member, Shift, Team

KEY = re.compile(r"[a-z][a-z0-9_-]{0,19}")
LONGEST_NAME = 60
MOST_CASES = 100


def prepare(session: Session, names: Mapping[str, str]) -> None:
    """A team for each that the policy's matrix may name; what a shop changed of one stays."""
    known = set(session.scalars(select(Team.key)))
    session.add_all(Team(key=key, name=name) for key, name in names.items() if key not in known)


def load_demo(session: Session) -> None:
    """In the demo the agent takes every team's cases, and the supervisor leads them all and takes the worst."""
    agent, lead = user(session, "wang"), user(session, "lin")
    for team in session.scalars(select(Team)).all():
        team.head_id = team.head_id or lead.id
        if _member(session, team, agent) is None:
            session.add(Member(team_id=team.id, user_id=agent.id, capacity=5))
        if _member(session, team, lead) is None:
            session.add(Member(team_id=team.id, user_id=lead.id, capacity=0, lead=True))


def put(session: Session, key: str, name: str, head: str = "", overflow: str = "", *, by: int | None = None) -> Team:
    """Make a team, or change what is given of it."""
    if not KEY.fullmatch(key):
        raise Refused("團隊的代號要像 warehouse：小寫英文、數字、底線或連字號，最多 20 個字。")
    if len(name) > LONGEST_NAME:
        raise Refused("團隊的名稱最多 %(most)s 個字。", most=LONGEST_NAME)
    team = session.scalars(select(Team).where(Team.key == key)).one_or_none() or Team(key=key, name=name or key)
    session.add(team)
    team.name = name or team.name
    team.head_id = _owner(session, head).id if head else team.head_id
    team.overflow = find(session, overflow).key if overflow else team.overflow
    journal.write(session, "team.changed", user_id=by, team=key, head=team.head_id, overflow=team.overflow)
    return team


def join(
    session: Session,
    key: str,
    username: str,
    capacity: int,
    skills: Collection[str],
    *,
    lead: bool,
    standby: bool,
    by: int | None = None,
) -> Member:
    """Have somebody take a team's cases on these terms, whatever they were before."""
    team, person = find(session, key), _owner(session, username, "case.helped")
    member = _member(session, team, person) or Member(team_id=team.id, user_id=person.id)
    session.add(member)
    before, member.team = member.skills or (), team
    member.capacity, member.skills, member.lead, member.standby = capacity, sorted(skills), lead, standby
    departures.lost_skills(session, member, before, by)
    journal.write(session, "team.member_set", user_id=by, member=person.id, team=key, capacity=capacity, lead=lead)
    drain_after_commit(session)
    return member


def resize(session: Session, key: str, username: str, was: int, capacity: int, *, by: int) -> Member:
    """How many cases somebody takes from now on, if it is still as whoever decided that saw it."""
    wanted = select(Member).join(Member.user).join(Member.team).where(User.username == username, Team.key == key)
    locked = wanted.with_for_update(of=Member).execution_options(populate_existing=True)
    member = session.scalars(locked).one_or_none()
    if member is None or member.capacity != was:
        raise Refused("上限剛剛有人改過，看現在的數字再決定。")
    member.capacity = max(0, min(capacity, MOST_CASES))
    lead = member.lead
    journal.write(
        session, "team.member_set", user_id=by, member=member.user_id, team=key, capacity=member.capacity, lead=lead
    )
    drain_after_commit(session)
    return member


def leave(session: Session, key: str, username: str, *, by: int | None = None) -> None:
    """Somebody gets no cases of this team any more; what they have of it goes back to its queue."""
    member = _member(session, find(session, key), user(session, username))
    if member is None:
        raise FrontlineError(f"{username} is not a member of {key}")
    session.delete(member)
    session.flush()
    departures.left_team(session, member.user_id, key, by)
    journal.write(session, "team.member_left", user_id=by, member=member.user_id, team=key)


def set_shifts(session: Session, username: str, weekdays: Iterable[str], hours: str, *, by: int | None = None) -> None:
    """When somebody works on these weekdays: "09:00-12:30, 13:30-18:00"; nothing means a day off.

    Who has no shift on any day works whenever they are online.
    """
    person = user(session, username)
    try:
        spans = [part.strip() for part in hours.split(",") if slots(part.strip())] if hours else []
    except ValueError as error:
        raise FrontlineError(str(error)) from error
    for weekday in map(WEEKDAYS.index, weekdays):
        session.execute(delete(Shift).where(Shift.user_id == person.id, Shift.weekday == weekday))
        for opens, closes in (span.split("-") for span in spans):
            session.add(Shift(user_id=person.id, weekday=weekday, opens=opens, closes=closes))
    journal.write(session, "user.shifts_set", user_id=by, member=person.id)
    drain_after_commit(session)


def set_leave(
    session: Session,
    username: str,
    starts_at: datetime,
    ends_at: datetime,
    reason: str = "",
    *,
    by: int | None = None,
) -> Absence:
    """Somebody is given nothing in this time."""
    if starts_at >= ends_at:
        raise FrontlineError("the leave ends before it begins")
    absence = Absence(user_id=user(session, username).id, starts_at=starts_at, ends_at=ends_at, reason=reason[:80])
    session.add(absence)
    journal.write(session, "user.leave_set", user_id=by, member=absence.user_id)
    return absence


def find(session: Session, key: str) -> Team:
    team = session.scalars(select(Team).where(Team.key == key)).one_or_none()
    if team is None:
        known = ", ".join(session.scalars(select(Team.key).order_by(Team.key))) or "none yet"
        raise FrontlineError(f"there is no team {key!r}; the teams are: {known}")
    return team


def user(session: Session, username: str) -> User:
    found = session.scalars(select(User).where(User.username == username.strip().lower())).one_or_none()
    if found is None:
        raise FrontlineError(f"there is no user {username!r}; `frontline user list` names them")
    return found


def _owner(session: Session, username: str, permission: str = "desk.work") -> User:
    """Somebody who may have cases."""
    person = user(session, username)
    if not person.active or not permissions.may(person.role, permission):
        raise FrontlineError(f"{username} is {person.role}, who may take no cases, or has left")
    return person


def _member(session: Session, team: Team, person: User) -> Member | None:
    found = select(Member).where(Member.team_id == team.id, Member.user_id == person.id)
    return session.scalars(found).one_or_none()
