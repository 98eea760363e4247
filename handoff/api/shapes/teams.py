"""Teams, and who takes their cases on what terms."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from bot.api import Page
from handoff.api.shapes.base import PLAIN, Named, Strict, like
from handoff.assignment.picking import Agent
from handoff.models import Member, Team


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
    """What is given of a team; what is left out stays, and an empty head or helping team is taken away."""

    model_config = like(name="退換貨", head="lin", overflow="service")

    name: Annotated[str, StringConstraints(max_length=60, pattern=PLAIN)] = ""
    head: Annotated[str, StringConstraints(max_length=40, pattern=PLAIN)] | None = None
    overflow: Annotated[str, StringConstraints(max_length=20, pattern=PLAIN)] | None = None


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
