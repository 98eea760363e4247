"""When a team's time runs."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from bot.api import Page
from handoff.api.shapes.base import like
from handoff.hours import WEEKDAYS, OpeningHours, Slots


class Calendar(BaseModel):
    """When a team's time runs. Made and changed in the rules, under `calendars` and `teams`."""

    model_config = like(
        name="shop",
        zone="Asia/Taipei",
        teams=["returns"],
        week={"mon": ["09:00-21:00"], "sun": []},
        holidays="TW",
        closed=["2027-02-05"],
        special={"2027-02-06": ["10:00-16:00"]},
        open=True,
        next_open="2026-11-22T04:00:00Z",
    )

    name: str = Field(description="empty: around the clock")
    zone: str
    teams: list[str]
    week: dict[str, list[str]]
    holidays: str = Field(description="the country whose days off and make-up workdays count")
    closed: list[date]
    special: dict[date, list[str]] = Field(description="days with hours of their own")
    open: bool
    next_open: datetime = Field(description="now, while open")

    @classmethod
    def of(cls, name: str, hours: OpeningHours, teams: list[str], at: datetime) -> "Calendar":
        return cls(
            name=name,
            zone=hours.zone.key,
            teams=teams,
            week={day: _written(slots) for day, slots in zip(WEEKDAYS, hours.week, strict=True)},
            holidays=hours.country,
            closed=sorted(hours.closed),
            special={day: _written(slots) for day, slots in hours.special.items()},
            open=hours.is_open(at),
            next_open=hours.next_open(at),
        )


class Calendars(Page[Calendar]):
    """All calendars of the rules that count now."""


def _written(slots: Slots) -> list[str]:
    return [f"{slot.opens:%H:%M}-{slot.closes:%H:%M}" for slot in slots]
