"""Opening hours of the desk, as pure arithmetic: whether people are there, when they next are, and when a
span of working time is over. Clocks, promises and reports all count with this one calendar.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from bot.errors import SettingsError

SLOT = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)-(?:([01]?\d|2[0-3]):([0-5]\d)|(24:00))")
MIDNIGHT = time(0, 0)
DAY = timedelta(days=1)

Window = tuple[datetime, datetime]


@dataclass(frozen=True)
class Slot:
    """From when to when, each day. Ends on the next day unless it closes later than it opens."""

    opens: time
    closes: time

    def on(self, day: date, zone: ZoneInfo) -> Window:
        """The slot that begins on `day`, in UTC."""
        ends = day if self.closes > self.opens else day + DAY
        return (
            datetime.combine(day, self.opens, zone).astimezone(UTC),
            datetime.combine(ends, self.closes, zone).astimezone(UTC),
        )


@dataclass(frozen=True)
class OpeningHours:
    """The slots of every day in the shop's zone."""

    slots: tuple[Slot, ...]
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str, zone: ZoneInfo) -> "OpeningHours":
        """Read "09:00-21:00" or "09:00-12:30, 22:00-02:00"; "00:00-24:00" is round the clock."""
        return cls(tuple(_slot(part.strip()) for part in text.split(",")), zone)

    def is_open(self, at: datetime) -> bool:
        start, end = next(self._windows(at))
        return start <= at < end

    def next_open(self, at: datetime) -> datetime:
        """`at` itself while open, else the next opening."""
        start, _ = next(self._windows(at))
        return max(at.astimezone(UTC), start)

    def add(self, at: datetime, span: timedelta) -> datetime:
        """The time when `span` of open time has passed since `at`."""
        cursor = at.astimezone(UTC)
        for start, end in self._windows(at):
            cursor = max(cursor, start)
            if span <= end - cursor:
                return cursor + span
            span -= max(end - cursor, timedelta())
            cursor = max(cursor, end)
        raise AssertionError("windows never end")

    def _windows(self, at: datetime) -> Iterator[Window]:
        """The windows that end after `at`, in order of their start; overlapping ones stay as they are."""
        day = at.astimezone(self.zone).date()
        for offset in count(-1):
            for start, end in sorted(slot.on(day + offset * DAY, self.zone) for slot in self.slots):
                if at < end and start < end:  # when clocks go forward a slot can vanish
                    yield start, end


def _slot(text: str) -> Slot:
    match = SLOT.fullmatch(text)
    if match is None:
        raise SettingsError(f"OPEN_HOURS: {text!r} is not like 09:00-21:00")
    hour, minute, until_hour, until_minute, midnight = match.groups()
    closes = MIDNIGHT if midnight else time(int(until_hour), int(until_minute))
    return Slot(time(int(hour), int(minute)), closes)
