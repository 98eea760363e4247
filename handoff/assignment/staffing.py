"""The people to whom cases may be given now, as the choice needs to know them.

Only who is there is read, so the cost is that of a shift, not of a company.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.auth import permissions
from bot.models import User
from handoff.assignment import rota
from handoff.assignment.picking import Agent
from handoff.models import Absence, Member, Presence, Shift, Team, Ticket

HELD = ("new", "open")  # who waits for a customer or a department has the hands free
TAKES = permissions.roles("case.helped")
SENIOR = ("specialist", "supervisor")


class Place(NamedTuple):
    """A team whose cases somebody takes, and on what terms."""

    team: str
    capacity: int
    lead: bool = False
    reserve: bool = False
    skills: frozenset[str] = frozenset()


NOWHERE = (Place("", 0),)  # a supervisor of no team is still there for the worst


class _Now(NamedTuple):
    """What is true at this moment of those who are there."""

    loads: Mapping[int, int]
    absent: Collection[int]
    off_shift: Collection[int]


def agents(session: Session, at: datetime, zone: ZoneInfo) -> list[Agent]:
    """Everybody who is there, once for each team whose cases they take."""
    there = {user.id: (user, presence) for user, presence in _there(session, at)}
    if not there:
        return []
    helpers = {user.id for user, _ in there.values() if user.role == permissions.HELPER}
    places = _places(session, there, helpers)
    known = _Now(loads(session, there), absent(session, there, at), off_shift(session, there, at, zone))
    return [
        _agent(user, presence, place, known)
        for user, presence in there.values()
        for place in places.get(user.id, NOWHERE)
    ]


def _agent(user: User, presence: Presence, place: Place, known: _Now) -> Agent:
    return Agent(
        id=user.id,
        team=place.team,
        capacity=place.capacity,
        load=known.loads.get(user.id, 0),
        on_shift=user.id not in known.off_shift,
        on_leave=user.id in known.absent,
        senior=place.lead or user.role in SENIOR,
        supervisor=user.role == "supervisor",
        reserve=place.reserve,
        skills=place.skills,
        assigned=presence.assigned_at,
    )


def _there(session: Session, at: datetime) -> list[tuple[User, Presence]]:
    found = select(User, Presence).join(Presence, Presence.user_id == User.id)
    there = User.active, User.role.in_(TAKES), Presence.status == "online", Presence.online_until > at
    return [(user, presence) for user, presence in session.execute(found.where(*there))]


def _places(session: Session, users: Collection[int], helpers: Collection[int]) -> dict[int, list[Place]]:
    """Where each of them takes cases: the own teams; in a surge also as stand-by, and for the team that we help.

    Who is a helper takes only those of the team that is helped.
    """
    teams = session.scalars(select(Team)).all()
    helped = defaultdict(list)
    for team in teams:
        if team.surge_since is not None and team.overflow:
            helped[team.overflow].append(team.key)
    by_id, places = {team.id: team for team in teams}, defaultdict(list)
    for member in session.scalars(select(Member).where(Member.user_id.in_(users)).order_by(Member.id)):
        team = by_id[member.team_id]
        if member.user_id not in helpers and (not member.standby or team.surge_since is not None):
            places[member.user_id].append(_place(member, team.key, reserve=member.standby))
        if not member.standby:
            places[member.user_id] += [_place(member, key, reserve=True) for key in helped[team.key]]
    return places


def _place(member: Member, team: str, *, reserve: bool) -> Place:
    return Place(team, member.capacity, member.lead, reserve, frozenset(member.skills))


def loads(session: Session, users: Collection[int]) -> dict[int, int]:
    """How many cases each has in hand."""
    held = select(Ticket.assignee_id, func.count()).where(Ticket.assignee_id.in_(users), Ticket.state.in_(HELD))
    return {user: count for user, count in session.execute(held.group_by(Ticket.assignee_id)) if user is not None}


def absent(session: Session, users: Collection[int], at: datetime) -> set[int]:
    """Who of them is on leave."""
    on_leave = select(Absence.user_id).where(Absence.user_id.in_(users), Absence.starts_at <= at, Absence.ends_at > at)
    return set(session.scalars(on_leave))


def off_shift(session: Session, users: Collection[int], at: datetime, zone: ZoneInfo) -> set[int]:
    """Who of them has shifts, and none now."""
    shifts = defaultdict(list)
    for shift in session.scalars(select(Shift).where(Shift.user_id.in_(users))):
        shifts[shift.user_id].append(shift)
    return {user for user, own in shifts.items() if not rota.works(own, at, zone)}
