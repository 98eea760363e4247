"""When people work each week, and when they are away."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from bot.api import Page
from handoff.api.shapes.base import PLAIN, Line, Moment, OneOf, Strict, example, like
from handoff.hours import WEEKDAYS
from handoff.models import Absence, Shift

Weekday = Annotated[str, OneOf(WEEKDAYS)]


Slots = Annotated[str, StringConstraints(max_length=120, pattern=PLAIN)]


class Slot(BaseModel):
    """From when to when on a weekday, on the shop's clock; over midnight where it closes before it opens."""

    model_config = like(weekday="mon", opens="09:00", closes="18:00")

    weekday: str
    opens: str
    closes: str

    @classmethod
    def of(cls, shift: Shift) -> "Slot":
        return cls(weekday=WEEKDAYS[shift.weekday], opens=shift.opens, closes=shift.closes)


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


class EarlierEnd(Strict):
    """When somebody is back: before the leave ends, and not in the past."""

    model_config = like(ends_at="2026-12-01T18:00:00+08:00")

    ends_at: Moment
