"""Teams and who belongs to them: as the policy names them, and as those who run the desk arrange it."""

import re
from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import journal
from bot.auth import permissions
from bot.errors import FrontlineError, Refused
from bot.models import User
from bot.nlu.policy import load as load_policy
from handoff.assignment import departures
from handoff.models import Member, Team
from handoff.waking import drain_after_commit

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


def put(
    session: Session,
    key: str,
    name: str,
    head: str | None = None,
    overflow: str | None = None,
    *,
    by: int | None = None,
) -> Team:
    """Make a team, or change what is given of it; an empty head or helping team takes away the one that there was."""
    if not KEY.fullmatch(key):
        raise Refused("團隊的代號要像 warehouse：小寫英文、數字、底線或連字號，最多 20 個字。")
    if len(name) > LONGEST_NAME:
        raise Refused("團隊的名稱最多 %(most)s 個字。", most=LONGEST_NAME)
    if overflow == key:
        raise Refused("團隊不能支援自己，選另一個團隊。")
    team = session.scalars(select(Team).where(Team.key == key)).one_or_none()
    before = _arranged(team) if team is not None else {}
    team = team or Team(key=key, name=name or key)
    session.add(team)
    team.name = name or team.name
    if head is not None:
        team.head = _owner(session, head) if head else None
    if overflow is not None:
        team.overflow = find(session, overflow).key if overflow else ""
    journal.changed(session, "team.changed", before, _arranged(team), by=by, team=key)
    return team


def _arranged(team: Team) -> dict[str, str]:
    """What is arranged of a team, as the record tells it."""
    return {"name": team.name, "head": team.head.username if team.head else "", "overflow": team.overflow or ""}


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
    if unknown := set(skills).difference(load_policy()[0].categories):
        raise Refused("沒有「%(skill)s」這種案件。", skill=min(unknown))
    known = _member(session, team, person)
    before = _terms(known) if known is not None else {}
    member = known or Member(team_id=team.id, user_id=person.id)
    session.add(member)
    could, member.team = member.skills or (), team
    member.capacity, member.skills, member.lead, member.standby = capacity, sorted(skills), lead, standby
    departures.lost_skills(session, member, could, by)
    journal.changed(session, "team.member_set", before, _terms(member), by=by, member=person.id, team=key)
    drain_after_commit(session)
    return member


def _terms(member: Member) -> dict[str, object]:
    """On what terms somebody takes cases, as the record tells it."""
    return {name: getattr(member, name) for name in ("capacity", "skills", "lead", "standby")}


def resize(session: Session, key: str, username: str, was: int, capacity: int, *, by: int) -> Member:
    """How many cases somebody takes from now on, if it is still as whoever decided that saw it."""
    wanted = select(Member).join(Member.user).join(Member.team).where(User.username == username, Team.key == key)
    locked = wanted.with_for_update(of=Member).execution_options(populate_existing=True)
    member = session.scalars(locked).one_or_none()
    if member is None or member.capacity != was:
        raise Refused("上限剛剛有人改過，看現在的數字再決定。")
    before, member.capacity = _terms(member), max(0, min(capacity, MOST_CASES))
    journal.changed(session, "team.member_set", before, _terms(member), by=by, member=member.user_id, team=key)
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
    journal.changed(session, "team.member_left", _terms(member), {}, by=by, member=member.user_id, team=key)


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
