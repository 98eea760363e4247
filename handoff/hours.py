"""Opening hours of a team, as pure arithmetic: whether people are there, when they next are, when a span of
working time is over, and how much of it lies between two moments. Clocks, promises and reports all count with this.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from itertools import count
from zoneinfo import ZoneInfo

import holidays

from bot.errors import SettingsError

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SLOT = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)-(?:([01]?\d|2[0-3]):([0-5]\d)|(24:00))")
MIDNIGHT = time(0, 0)
DAY = timedelta(days=1)
MONDAY, SATURDAY = 0, 5

Window = tuple[datetime, datetime]


@dataclass(frozen=True)
class Slot:
    """From when to when. Ends on the next day unless it closes later than it opens."""

    opens: time
    closes: time

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}-{'24:00' if self.closes == MIDNIGHT else format(self.closes, '%H:%M')}"

    def on(self, day: date, zone: ZoneInfo) -> Window:
        """The slot that begins on `day`, in UTC."""
        ends = day if self.closes > self.opens else day + DAY
        return (
            datetime.combine(day, self.opens, zone).astimezone(UTC),
            datetime.combine(ends, self.closes, zone).astimezone(UTC),
        )


Slots = tuple[Slot, ...]


def slots(text: str) -> Slots:
    """Read "09:00-21:00" or "09:00-12:30, 22:00-02:00"; "00:00-24:00" is round the clock. Else ValueError."""
    return tuple(_slot(part.strip()) for part in text.split(","))


def _slot(text: str) -> Slot:
    match = SLOT.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not like 09:00-21:00")
    hour, minute, until_hour, until_minute, midnight = match.groups()
    closes = MIDNIGHT if midnight else time(int(until_hour), int(until_minute))
    return Slot(time(int(hour), int(minute)), closes)


@cache
def _public(country: str, language: str | None = None) -> holidays.HolidayBase:
    """A country's days off and make-up workdays, of whichever year is asked for."""
    return holidays.country_holidays(country, language=language)


@lru_cache(maxsize=4096)  # every clock of every case asks for the same few days
def _windows_of(own: Slots, day: date, zone: ZoneInfo) -> tuple[Window, ...]:
    """The slots of a day in order, in UTC."""
    return tuple(sorted(slot.on(day, zone) for slot in own))


@dataclass(frozen=True)
class OpeningHours:
    """The slots of each weekday (Monday first) in a zone, and the days that are different.

    A day of `special` has its own slots; else a day of `closed` has none, nor has a public holiday of `country`.
    A make-up workday of `country` on a weekend without slots is worked like a Monday.
    """

    week: tuple[Slots, ...]
    zone: ZoneInfo
    country: str = ""
    closed: frozenset[date] = frozenset()
    special: Mapping[date, Slots] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str, zone: ZoneInfo) -> "OpeningHours":
        """The same hours each day, as OPEN_HOURS gives them."""
        try:
            return cls((slots(text),) * 7, zone)
        except ValueError as error:
            raise SettingsError(f"OPEN_HOURS: {error}") from error

    def on(self, day: date) -> Slots:
        """The slots that begin on `day`."""
        if day in self.special:
            return self.special[day]
        if day in self.closed or (self.country and day in _public(self.country)):
            return ()
        own = self.week[day.weekday()]
        return self.week[MONDAY] if not own and self.is_made_up(day) else own

    def is_made_up(self, day: date) -> bool:
        """Whether the country works on this weekend day, for a free day elsewhere."""
        if not self.country or day.weekday() < SATURDAY:
            return False
        public = _public(self.country)
        return day not in public and day in public.weekend_workdays  # asking for the day reads its year first

    def holiday(self, day: date, language: str) -> str:
        """What a public holiday is called; nothing on other days."""
        return _public(self.country, language).get(day, "") if self.country else ""

    def is_open(self, at: datetime) -> bool:
        return self.next_open(at) == at

    def next_open(self, at: datetime) -> datetime:
        """`at` itself while open, else the next opening."""
        return next(self._windows(at))[0]

    def next_opening(self, at: datetime) -> datetime:
        """The first opening after `at`, also while open."""
        return next(start for start, _ in self._windows(at) if start > at)

    def add(self, at: datetime, span: timedelta) -> datetime:
        """The time when `span` of open time has passed since `at`."""
        for start, end in self._windows(at):
            if span <= end - start:
                return start + span
            span -= end - start
        raise AssertionError("windows never end")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much open time lies between two moments; nothing where they are in the wrong order."""
        total = timedelta()
        for opens, closes in self._windows(start):
            if opens >= end:
                return total
            total += min(closes, end) - opens
        raise AssertionError("windows never end")

    def _windows(self, at: datetime) -> Iterator[Window]:
        """What is left of the open time from `at` on, in order; what overlaps counts once."""
        cursor = at.astimezone(UTC)
        first = at.astimezone(self.zone).date() - DAY
        for offset in count():
            day = first + offset * DAY
            for start, end in _windows_of(self.on(day), day, self.zone):
                if end > max(start, cursor):  # when clocks go forward a slot can vanish
                    yield max(start, cursor), end
                    cursor = end
