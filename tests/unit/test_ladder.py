"""When a clock warns, breaches and climbs, through pauses: against a reference that counts the minutes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from handoff import sla
from handoff.hours import OpeningHours, slots
from handoff.sla import Run, Rung

MINUTE = timedelta(minutes=1)
LADDER = (Rung(50, "agent"), Rung(80, "lead"), Rung(100, "lead"), Rung(200, "head"))
OPENED = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
ALWAYS = OpeningHours.parse("00:00-24:00", ZoneInfo("Asia/Taipei"))
OFFICE = (slots("09:00-12:30, 13:30-18:00"),) * 5 + ((), ())
CALENDARS = [
    OpeningHours(OFFICE, ZoneInfo("Asia/Taipei"), "TW"),
    OpeningHours((slots("20:00-03:00"),) * 7, ZoneInfo("America/New_York"), "US"),
]
starts = st.datetimes(datetime(2024, 12, 1), datetime(2027, 3, 1), timezones=st.just(UTC))
starts = starts.map(lambda at: at.replace(second=0, microsecond=0))
pauses = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 3000)), max_size=4)


def counted(at: datetime, target: int, resting: list[tuple[int, int]], hours: OpeningHours) -> datetime:
    """Walk the minutes; spend one where it is open and the clock does not rest."""
    paused = set()
    cursor = 0
    for after, length in resting:
        paused |= set(range(cursor + after, cursor + after + length))
        cursor += after + length
    minute = 0
    while True:
        if minute not in paused and hours.is_open(at + minute * MINUTE):
            target -= 1
            if target == 0:
                return at + (minute + 1) * MINUTE
        minute += 1


@settings(max_examples=60, deadline=None)
@given(starts, st.integers(1, 1500), pauses, st.sampled_from(CALENDARS))
def test_time_that_is_paused_is_not_spent(
    at: datetime, target: int, resting: list[tuple[int, int]], hours: OpeningHours
) -> None:
    expected = counted(at, target, resting, hours)
    run, moment = Run(target * MINUTE, at, timedelta(), hours), at
    for after, length in resting:
        moment += after * MINUTE
        if moment >= expected:
            break
        spent = run.at(moment)
        moment += length * MINUTE
        run = replace(run, spent=spent, anchor=moment)
    assert sla.mark(run, sla.BREACH) == expected


@given(starts, st.integers(1, 3000), st.sampled_from(CALENDARS))
def test_rungs_come_in_their_order_and_each_once(at: datetime, target: int, hours: OpeningHours) -> None:
    run, told = Run(target * MINUTE, at, timedelta(), hours), 0
    moments = []
    while (moment := sla.next_mark(run, LADDER, told)) is not None:
        told = sla.passed(run, LADDER, told, moment)[-1].at
        moments.append(moment)
    assert moments == sorted(moments)
    assert told == LADDER[-1].at


def test_half_and_four_fifths_of_a_quarter_of_an_hour() -> None:
    run = Run(15 * MINUTE, OPENED, timedelta(), ALWAYS)
    minutes = [(sla.mark(run, rung.at) - OPENED) / MINUTE for rung in LADDER]
    assert minutes == [7.5, 12, 15, 30]


def test_who_looks_late_is_told_of_everything_that_has_passed() -> None:
    run = Run(15 * MINUTE, OPENED, timedelta(), ALWAYS)
    assert [rung.at for rung in sla.passed(run, LADDER, 50, OPENED + 20 * MINUTE)] == [80, 100]
