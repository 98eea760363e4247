"""How the desk stands now: the figures of the supervisor's board."""

from datetime import datetime

from pydantic import BaseModel, Field

from handoff.api.shapes.base import example, like
from handoff.assignment.crew import Colleague
from handoff.models import Ticket
from handoff.overview import Overview, Pressing
from handoff.overview.arrivals import Hour
from handoff.overview.queues import Queue


class Pressed(BaseModel):
    """A case that presses, and what was promised next: first (answer), next (answer), resolution, or nothing."""

    model_config = like(
        number="CS-261122-0001",
        level="L1",
        category="safety_incident",
        team="care",
        assignee="wang",
        reopened=0,
        promise="first",
        due_at="2026-11-22T04:05:00Z",
    )

    number: str
    level: str
    category: str
    team: str
    assignee: str | None
    reopened: int
    promise: str | None
    due_at: datetime | None

    @classmethod
    def of(cls, ticket: Ticket, overview: Overview) -> "Pressed":
        plain = {name: getattr(ticket, name) for name in ("number", "level", "category", "team", "reopened")}
        clock = overview.promised.get(ticket.id)
        return cls(
            assignee=ticket.assignee.username if ticket.assignee else None,
            promise=clock.kind if clock else None,
            due_at=clock.due_at if clock else None,
            **plain,
        )


class PressedCases(BaseModel):
    """The first dozen, and how many there are in all."""

    model_config = like(total=1, cases=[example(Pressed)])

    total: int
    cases: list[Pressed]

    @classmethod
    def of(cls, found: Pressing, overview: Overview) -> "PressedCases":
        return cls(total=found.total, cases=[Pressed.of(ticket, overview) for ticket in found.cases])


class QueueNow(BaseModel):
    """A team's queue: cases that nobody has. `share`: of its time, what the case that is worst off has used, in %."""

    model_config = like(team="care", cases=2, oldest_since="2026-11-22T04:00:00Z", share=92, surge_since=None)

    team: str
    cases: int
    oldest_since: datetime | None
    share: int
    surge_since: datetime | None

    @classmethod
    def of(cls, queue: Queue) -> "QueueNow":
        plain = {name: getattr(queue, name) for name in ("team", "cases", "share", "surge_since")}
        return cls(oldest_since=queue.oldest, **plain)


class ColleagueNow(BaseModel):
    """Somebody of the teams. `presence`: online, away or off; `there`: is given cases now, while there is room."""

    model_config = like(
        username="wang", presence="online", on_shift=True, on_leave=False, there=True, load=4, capacity=6, standby=False
    )

    username: str
    presence: str
    on_shift: bool
    on_leave: bool
    there: bool
    load: int
    capacity: int
    standby: bool = Field(description="only when help is called")

    @classmethod
    def of(cls, colleague: Colleague) -> "ColleagueNow":
        return cls(**{name: getattr(colleague, name) for name in cls.model_fields})


class ArrivalsOfHour(BaseModel):
    """Cases opened in the hour that ends then, null where it is to come; and in the same hour of seven days before."""

    model_config = like(ends="2026-11-22T06:09:00Z", cases=79, usual=40.1, least=31, most=52)

    ends: datetime
    cases: int | None
    usual: float
    least: int
    most: int

    @classmethod
    def of(cls, hour: Hour) -> "ArrivalsOfHour":
        return cls(**{name: getattr(hour, name) for name in cls.model_fields})


class AlarmsNow(BaseModel):
    """What waits for a decision; `violations`: cases found without an owner in 24 hours, and mended."""

    model_config = like(dead_letters=0, unsure=0, set_aside=0, violations=0)

    dead_letters: int
    unsure: int
    set_aside: int
    violations: int


class Board(BaseModel):
    """How the desk stands at one moment. `late` counts by level."""

    model_config = like(
        at="2026-11-22T06:09:00Z",
        first=example(PressedCases),
        near=example(PressedCases),
        late={"L1": 1, "L2": 0, "L3": 0},
        queues=[example(QueueNow)],
        people=[example(ColleagueNow)],
        hours=[example(ArrivalsOfHour)],
        alarms=example(AlarmsNow),
    )

    at: datetime
    first: PressedCases = Field(description="what comes first today: urgent, late, or come back")
    near: PressedCases = Field(description="due within half an hour")
    late: dict[str, int]
    queues: list[QueueNow]
    people: list[ColleagueNow]
    hours: list[ArrivalsOfHour]
    alarms: AlarmsNow

    @classmethod
    def of(cls, overview: Overview) -> "Board":
        return cls(
            at=overview.at,
            first=PressedCases.of(overview.first, overview),
            near=PressedCases.of(overview.near, overview),
            late=dict(overview.late),
            queues=[QueueNow.of(queue) for queue in overview.queues],
            people=[ColleagueNow.of(colleague) for colleague in overview.crew],
            hours=[ArrivalsOfHour.of(hour) for hour in overview.hours],
            alarms=AlarmsNow(**{name: getattr(overview.alarms, name) for name in AlarmsNow.model_fields}),
        )
