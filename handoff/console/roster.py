"""What the page of the people shows: teams with their people, weeks of work, leave, accounts; all, or as sought."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bot.auth import may
from bot.clock import now
from bot.models import User
from bot.services import Services
from handoff.assignment import staffing
from handoff.models import Absence, Member, Shift, Team


@dataclass(frozen=True)
class Crew:
    """A team and who takes its cases."""

    team: Team
    members: Sequence[Member]

    def fits(self, query: str) -> bool:
        return _named(query, self.team.key, self.team.name) or any(
            _named(query, member.user.name, member.user.username) for member in self.members
        )


@dataclass(frozen=True)
class Roster:
    """`there`: how many cases each has who is there. `desk`: who may head a team; `hands`: who may take cases.

    `weeks`: by person and weekday the hours of work.
    """

    query: str
    crews: Sequence[Crew]
    called: Mapping[str, str]
    there: Mapping[int, int]
    weeks: Mapping[User, Mapping[int, Sequence[str]]]
    absences: Sequence[tuple[User, Absence]]
    users: Sequence[User]
    desk: Sequence[User]
    hands: Sequence[User]

    def present(self, crew: Crew) -> int:
        return sum(member.user_id in self.there for member in crew.members)


def load(session: Session, current: Services, query: str) -> Roster:
    """The page; of what a query names only that."""
    users = session.scalars(select(User).order_by(User.username)).all()
    sought = {user.id: user for user in users if _named(query, user.name, user.username)}
    crews = _crews(session)
    return Roster(
        query,
        [crew for crew in crews if crew.fits(query)],
        {crew.team.key: crew.team.name for crew in crews},
        {agent.id: agent.load for agent in staffing.agents(session, now(), current.settings.zone) if agent.there},
        _weeks(session, sought),
        _absences(session, sought),
        list(sought.values()),
        [user for user in users if user.active and may(user.role, "desk.work")],
        [user for user in users if user.active and may(user.role, "case.helped")],
    )


def _named(query: str, *words: str) -> bool:
    return any(query.lower() in word.lower() for word in words)


def _crews(session: Session) -> list[Crew]:
    found: dict[int, list[Member]] = defaultdict(list)
    everybody = select(Member).join(Member.user).options(joinedload(Member.user)).order_by(User.name)
    for member in session.scalars(everybody):
        found[member.team_id].append(member)
    teams = session.scalars(select(Team).options(joinedload(Team.head)).order_by(Team.id))
    return [Crew(team, found[team.id]) for team in teams]


def _weeks(session: Session, sought: Mapping[int, User]) -> dict[User, dict[int, list[str]]]:
    weeks: dict[User, dict[int, list[str]]] = {}
    for shift in session.scalars(select(Shift).order_by(Shift.user_id, Shift.weekday, Shift.opens)):
        if user := sought.get(shift.user_id):
            weeks.setdefault(user, {}).setdefault(shift.weekday, []).append(f"{shift.opens}–{shift.closes}")
    return weeks


def _absences(session: Session, sought: Mapping[int, User]) -> list[tuple[User, Absence]]:
    ahead = session.scalars(select(Absence).where(Absence.ends_at > now()).order_by(Absence.starts_at))
    return [(sought[absence.user_id], absence) for absence in ahead if absence.user_id in sought]
