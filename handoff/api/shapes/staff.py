"""Members of staff, teams, when people work, and who is there."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from bot.api import Page
from bot.auth import ROLES
from bot.models import User
from handoff.api.shapes.base import PLAIN, Line, Moment, Named, OneOf, Plain, Strict, example, like
from handoff.assignment import presence, teams
from handoff.assignment.picking import Agent
from handoff.models import Absence, Member, Shift, Team

Weekday = Annotated[str, OneOf(teams.WEEKDAYS)]
Role = Annotated[str, OneOf(ROLES)]
Slots = Annotated[str, StringConstraints(max_length=120, pattern=PLAIN)]


class Staff(BaseModel):
    """A member of staff, or a program (`api-…`)."""

    model_config = like(username="wang", name="王志豪", role="agent", active=True)

    username: str
    name: str
    role: str
    active: bool

    @classmethod
    def of(cls, user: User) -> "Staff":
        return cls(**{name: getattr(user, name) for name in cls.model_fields})


class StaffList(Page[Staff]):
    """Members of staff, newest first."""


class NewUser(Strict):
    """Somebody who signs in from now on."""

    model_config = like(username="liu", name="劉思妤", role="agent", password="a long password")

    username: Annotated[Named, Field(pattern=r"^[A-Za-z0-9._@-]+$")]
    name: Annotated[Plain, Field(min_length=1)]
    role: Role
    password: Annotated[str, Field(min_length=8, max_length=200)]


class UserChange(Strict):
    """The role, and whether they are still (or again) with us."""

    model_config = like(role="specialist", active=True)

    role: Role
    active: bool


class Me(BaseModel):
    """As whom the caller acts, and whether cases may come to it."""

    model_config = like(username="api-0123456789ab", name="客服系統", role="specialist", status="online")

    username: str
    name: str
    role: str
    status: str = Field(description="online or away, as was chosen")


class Status(Strict):
    """Take cases, or take none for a while; online lasts 75 seconds unless said again."""

    model_config = like(status="online")

    status: Annotated[str, OneOf(presence.STATES)]


class Crew(BaseModel):
    """A team. `surge_since`: many more cases come than usual, and `overflow` helps."""

    model_config = like(key="returns", name="退換貨", head="lin", overflow="service", surge_since=None)

    key: str
    name: str
    head: str | None
    overflow: str
    surge_since: datetime | None

    @classmethod
    def of(cls, team: Team) -> "Crew":
        plain = {name: getattr(team, name) for name in cls.model_fields if name != "head"}
        return cls(head=team.head.username if team.head else None, **plain)


class Crews(Page[Crew]):
    """Teams, newest first."""


class CrewChange(Strict):
    """What is given of a team; what is left out stays."""

    model_config = like(name="退換貨", head="lin", overflow="service")

    name: Annotated[str, StringConstraints(max_length=60, pattern=PLAIN)] = ""
    head: Annotated[str, StringConstraints(max_length=40, pattern=PLAIN)] = ""
    overflow: Annotated[str, StringConstraints(max_length=20, pattern=PLAIN)] = ""


class Seat(BaseModel):
    """Somebody who takes a team's cases, on what terms, and how it stands now. No skills: every category."""

    model_config = like(
        username="wang", capacity=5, skills=["return_refund"], lead=False, standby=False, there=True, load=2
    )

    username: str
    capacity: int
    skills: list[str]
    lead: bool
    standby: bool = Field(description="only in a surge")
    there: bool = Field(description="online, on shift and not on leave")
    load: int | None = Field(description="cases in hand now, of all teams; null for who is not online")

    @classmethod
    def of(cls, member: Member, agent: Agent | None) -> "Seat":
        terms = {name: getattr(member, name) for name in ("capacity", "skills", "lead", "standby")}
        now = {"there": agent is not None and agent.there, "load": agent.load if agent else None}
        return cls(username=member.user.username, **terms, **now)


class Seats(Page[Seat]):
    """Members of a team, newest first."""


class SeatChange(Strict):
    """The terms, all as given. `skills` are case categories."""

    model_config = like(capacity=5, skills=["return_refund"], lead=False, standby=False)

    capacity: int = Field(5, ge=0, le=100)
    skills: list[Named] = Field([], max_length=40)
    lead: bool = False
    standby: bool = False


class Slot(BaseModel):
    """From when to when on a weekday, on the shop's clock; over midnight where it closes before it opens."""

    model_config = like(weekday="mon", opens="09:00", closes="18:00")

    weekday: str
    opens: str
    closes: str

    @classmethod
    def of(cls, shift: Shift) -> "Slot":
        return cls(weekday=teams.WEEKDAYS[shift.weekday], opens=shift.opens, closes=shift.closes)


class Week(BaseModel):
    """When somebody works each week; who has no shift at all works whenever online."""

    model_config = like(shifts=[example(Slot)])

    shifts: list[Slot]


class Shifts(Strict):
    """The hours on these weekdays; empty: a day off. Other weekdays stay as they are."""

    model_config = like(weekdays=["mon", "tue"], hours="09:00-12:30, 13:30-18:00")

    weekdays: list[Weekday] = Field(min_length=1, max_length=7)
    hours: Slots


class Leave(BaseModel):
    """Somebody is given nothing in this time."""

    model_config = like(
        id=4, username="wang", starts_at="2026-12-01T01:00:00Z", ends_at="2026-12-02T10:00:00Z", reason="特休"
    )

    id: int
    username: str
    starts_at: datetime
    ends_at: datetime
    reason: str

    @classmethod
    def of(cls, absence: Absence, username: str) -> "Leave":
        plain = {name: getattr(absence, name) for name in cls.model_fields if name != "username"}
        return cls(username=username, **plain)


class Leaves(Page[Leave]):
    """Times of leave, newest first."""


class NewLeave(Strict):
    """From when until when."""

    model_config = like(starts_at="2026-12-01T09:00:00+08:00", ends_at="2026-12-02T18:00:00+08:00", reason="特休")

    starts_at: Moment
    ends_at: Moment
    reason: Line = ""
