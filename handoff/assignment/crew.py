"""Everybody who takes cases, also who is not there: how full each is, in which teams, and who could be asked."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bot.models import User
from handoff.assignment import staffing
from handoff.models import Member, Presence


@dataclass(frozen=True)
class Seat:
    """On what terms somebody takes a team's cases."""

    team: str
    title: str
    capacity: int
    lead: bool
    standby: bool
    skills: tuple[str, ...]


@dataclass(frozen=True)
class Colleague:
    """Somebody of the teams now. `presence`: online, away (by choice) or off (no console is open)."""

    id: int
    username: str
    name: str
    presence: str
    on_shift: bool
    on_leave: bool
    load: int
    seats: tuple[Seat, ...]

    @property
    def capacity(self) -> int:
        return max(seat.capacity for seat in self.seats)

    @property
    def standby(self) -> bool:
        """Whether she only comes when she is called."""
        return all(seat.standby for seat in self.seats)

    @property
    def there(self) -> bool:
        return self.presence == "online" and self.on_shift and not self.on_leave

    @property
    def free(self) -> bool:
        return self.there and self.load < self.capacity

    def fits(self, team: str, category: str) -> bool:
        """Whether the queue might give her such a case."""
        return any(seat.team == team and (not seat.skills or category in seat.skills) for seat in self.seats)


def everybody(session: Session, at: datetime, zone: ZoneInfo) -> list[Colleague]:
    """Who is there first, the fullest of them first."""
    users, seats = {}, defaultdict(list)
    wanted = select(Member).join(Member.user).where(User.active, User.role.in_(staffing.TAKES))
    options = joinedload(Member.user), joinedload(Member.team)
    for member in session.scalars(wanted.options(*options).order_by(Member.team_id, Member.id)):
        users[member.user_id] = member.user
        seats[member.user_id].append(_seat(member))
    there = _presences(session, at)
    loads, absent = staffing.loads(session, users), staffing.absent(session, users, at)
    off_shift = staffing.off_shift(session, users, at, zone)
    found = (
        Colleague(
            id=user.id,
            username=user.username,
            name=user.name,
            presence=there.get(user.id, "off"),
            on_shift=user.id not in off_shift,
            on_leave=user.id in absent,
            load=loads.get(user.id, 0),
            seats=tuple(seats[user.id]),
        )
        for user in users.values()
    )
    return sorted(found, key=_order)


def _seat(member: Member) -> Seat:
    terms = {name: getattr(member, name) for name in ("capacity", "lead", "standby")}
    return Seat(member.team.key, member.team.name, skills=tuple(member.skills), **terms)


def _presences(session: Session, at: datetime) -> dict[int, str]:
    """What those have chosen whose console is open."""
    return {one.user_id: one.status for one in session.scalars(select(Presence).where(Presence.online_until > at))}


def _order(colleague: Colleague) -> tuple[bool, int, float, str]:
    places = ("online", "away", "off")
    fullness = colleague.load / colleague.capacity if colleague.capacity else 0.0
    return (not colleague.there, places.index(colleague.presence), -fullness, colleague.name)
