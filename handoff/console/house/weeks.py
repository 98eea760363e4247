"""A calendar as people look at it: the week drawn in hours, the days that differ, the next promise at a moment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from handoff.hours import DAY, WEEKDAYS, OpeningHours, Slots
from handoff.sla import ALWAYS, LEVELS, Case, Rules

WHOLE = 24 * 60
AHEAD = 90  # days in which those that differ are looked for
FRIDAY, EVENING = 4, time(20, 0)


@dataclass(frozen=True)
class Bar:
    """Open time within a day, in minutes from its midnight."""

    starts: int
    lasts: int


@dataclass(frozen=True)
class Weekday:
    """What is open on a weekday, also of what began the day before, and what begins on it in words."""

    name: str
    bars: Sequence[Bar]
    said: str


@dataclass(frozen=True)
class Different:
    """A day that is not like its weekday. why: own, closed, holiday (called `name`) or made_up."""

    day: date
    why: str
    name: str
    said: str


@dataclass(frozen=True)
class Promise:
    """What a case that comes at a moment is promised: when the team opens (None: it is open), by when it answers."""

    opens_at: datetime | None
    first: dict[str, datetime]


def drawn(hours: OpeningHours) -> list[Weekday]:
    """The week without holidays and other days of their own, from Monday on."""
    spans = [list(_spans(slots)) for slots in hours.week]
    return [
        Weekday(
            name,
            [*_over(spans[day - 1]), *(Bar(starts, min(ends, WHOLE) - starts) for starts, ends in spans[day])],
            said(hours.week[day]),
        )
        for day, name in enumerate(WEEKDAYS)
    ]


def different(hours: OpeningHours, today: date, language: str) -> list[Different]:
    """The days from today on, of a season, that are not like their weekday."""
    days = (today + offset * DAY for offset in range(AHEAD))
    return [
        Different(day, _why(hours, day), hours.holiday(day, language), said(hours.on(day)))
        for day in days
        if hours.on(day) != hours.week[day.weekday()]
    ]


def promise(rules: Rules, calendar: str, at: datetime) -> Promise:
    """Of the plain cases of each level, whose team has this calendar."""
    hours = rules.hours(calendar)
    opens, first = hours.next_open(at), {}
    for level in LEVELS:
        targets = rules.targets(Case(level))
        counted = rules.hours(ALWAYS) if targets.around_the_clock else hours
        first[level] = counted.add(at, targets.first)
    return Promise(opens if opens > at else None, first)


def friday_evening(today: date, hours: OpeningHours) -> datetime:
    """The next Friday at eight, when most desks have gone home."""
    friday = today + timedelta(days=(FRIDAY - today.weekday()) % 7)
    return datetime.combine(friday, EVENING, hours.zone)


def said(slots: Slots) -> str:
    """Hours as the form writes them; nothing where it is closed."""
    return ", ".join(f"{slot.opens:%H:%M}-{_until(slot.closes)}" for slot in slots)


def _until(closes: time) -> str:
    return "24:00" if closes == time() else f"{closes:%H:%M}"


def _why(hours: OpeningHours, day: date) -> str:
    if day in hours.special:
        return "own"
    if day in hours.closed:
        return "closed"
    return "made_up" if hours.is_made_up(day) else "holiday"


def _spans(slots: Slots) -> Iterator[tuple[int, int]]:
    """From minute to minute; what ends on the next day ends after `WHOLE`."""
    for slot in slots:
        starts, ends = (at.hour * 60 + at.minute for at in (slot.opens, slot.closes))
        yield starts, ends if ends > starts else ends + WHOLE


def _over(spans: Sequence[tuple[int, int]]) -> list[Bar]:
    """What of a day's hours lies beyond its midnight."""
    return [Bar(0, ends - WHOLE) for _, ends in spans if ends > WHOLE]
