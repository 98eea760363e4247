"""Working time against a reference that is slow and plain: it walks the minutes, one by one.

Times are whole minutes, so that the reference can say exactly what it means.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from handoff.hours import OpeningHours, Slot

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
ZONES = [ZoneInfo(name) for name in ("Asia/Taipei", "America/New_York", "Europe/Dublin", "Australia/Lord_Howe", "UTC")]
FIRST, LAST = datetime(2022, 1, 1, tzinfo=UTC), datetime(2027, 12, 1, tzinfo=UTC)

quarters = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
slots = st.lists(st.builds(Slot, quarters, quarters), max_size=2).map(tuple)
working = st.lists(st.builds(Slot, quarters, quarters), min_size=1, max_size=3).map(tuple)
days = st.dates(date(2022, 1, 1), date(2027, 12, 31))


@st.composite
def calendars(draw: st.DrawFn) -> OpeningHours:
    """Any week with something in it, holidays of a country or none, own closures, and days of their own."""
    week = draw(st.tuples(working, slots, slots, slots, slots, st.just(()) | slots, st.just(()) | slots))
    closed = draw(st.frozensets(days, max_size=5))
    special = draw(st.dictionaries(days, slots, max_size=5))
    return OpeningHours(week, draw(st.sampled_from(ZONES)), draw(st.sampled_from(["", "TW", "US"])), closed, special)


@st.composite
def moments(draw: st.DrawFn) -> datetime:
    """Any minute of six years; often near a change of the clocks, a New Year, or a make-up workday."""
    near = draw(st.sampled_from([*HARD_DAYS, draw(days)]))
    shift = draw(st.integers(-2 * 24 * 60, 2 * 24 * 60))
    return min(max(datetime.combine(near, time(), UTC) + shift * MINUTE, FIRST), LAST)


HARD_DAYS = [
    date(2023, 6, 17),
    date(2024, 2, 17),
    date(2025, 2, 8),
    date(2025, 1, 27),
    date(2026, 2, 17),
    date(2026, 3, 8),
    date(2026, 11, 1),
    date(2027, 3, 28),
    date(2027, 4, 4),
    date(2026, 12, 31),
]


class Reference:
    """Asks of each minute: does a slot of today, or one of yesterday over midnight, hold it?"""

    def __init__(self, hours: OpeningHours) -> None:
        self.hours = hours
        self.windows = cache(self._windows)

    def _windows(self, day: date) -> list[tuple[float, float]]:
        """The slots of a day as seconds of the epoch, by the standard library's reading of wall clocks."""
        found = []
        for slot in self.hours.on(day):
            opens = datetime.combine(day, slot.opens, self.hours.zone)
            closes = datetime.combine(day if slot.closes > slot.opens else day + DAY, slot.closes, self.hours.zone)
            found.append((opens.timestamp(), closes.timestamp()))
        return found

    def is_open(self, at: datetime) -> bool:
        today, second = at.astimezone(self.hours.zone).date(), at.timestamp()
        return any(opens <= second < closes for day in (today - DAY, today) for opens, closes in self.windows(day))

    def minutes_from(self, at: datetime) -> Iterator[datetime]:
        while True:
            yield at
            at += MINUTE

    def next_open(self, at: datetime) -> datetime:
        return next(minute for minute in self.minutes_from(at) if self.is_open(minute))

    def add(self, at: datetime, minutes: int) -> datetime:
        for minute in self.minutes_from(at):
            if self.is_open(minute):
                if minutes == 0:
                    return minute
                minutes -= 1
                if minutes == 0:
                    return minute + MINUTE
        raise AssertionError

    def between(self, start: datetime, end: datetime) -> int:
        total = 0
        while start < end:
            total += self.is_open(start)
            start += MINUTE
        return total


@settings(max_examples=60, deadline=None)
@given(calendars(), moments())
def test_the_next_opening_is_the_first_minute_that_is_open(hours: OpeningHours, at: datetime) -> None:
    assert hours.next_open(at) == Reference(hours).next_open(at)
    assert hours.is_open(at) == Reference(hours).is_open(at)


@settings(max_examples=60, deadline=None)
@given(calendars(), moments())
def test_the_opening_after_a_moment_is_later_and_the_first(hours: OpeningHours, at: datetime) -> None:
    opening, reference = hours.next_opening(at), Reference(hours)
    assert opening > at
    assert reference.is_open(opening)
    closed = (minute for minute in reference.minutes_from(at) if not reference.is_open(minute))
    assert opening <= reference.next_open(next(closed))


@settings(max_examples=60, deadline=None)
@given(calendars(), moments(), st.integers(0, 20 * 60))
def test_working_time_ends_with_the_last_minute_of_it(hours: OpeningHours, at: datetime, minutes: int) -> None:
    assert hours.add(at, minutes * MINUTE) == Reference(hours).add(at, minutes)


@settings(max_examples=60, deadline=None)
@given(calendars(), moments(), st.integers(0, 12 * 24 * 60))
def test_between_two_moments_lie_the_minutes_that_are_open(hours: OpeningHours, at: datetime, minutes: int) -> None:
    end = at + minutes * MINUTE
    assert hours.between(at, end) == Reference(hours).between(at, end) * MINUTE


@settings(max_examples=100, deadline=None)
@given(calendars(), moments(), st.integers(1, 90 * 24 * 60))
def test_what_was_added_lies_between(hours: OpeningHours, at: datetime, minutes: int) -> None:
    """Over months, where the reference would be too slow: the two ways of counting agree with each other."""
    span = minutes * MINUTE
    assert hours.between(at, hours.add(at, span)) == span
