from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SettingsError
from handoff.hours import OpeningHours, slots

TAIPEI = ZoneInfo("Asia/Taipei")
NEW_YORK = ZoneInfo("America/New_York")

clock_times = st.times().map(lambda t: f"{t.hour:02d}:{t.minute:02d}")
calendars = st.builds(
    lambda slots, zone: OpeningHours.parse(",".join(f"{a}-{b}" for a, b in slots), zone),
    st.lists(st.tuples(clock_times, clock_times), min_size=1, max_size=3),
    st.sampled_from([TAIPEI, NEW_YORK]),
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
spans = st.timedeltas(timedelta(), timedelta(hours=72))


def taipei(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TAIPEI)


def shop(text: str = "09:00-21:00") -> OpeningHours:
    return OpeningHours.parse(text, TAIPEI)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-11-21T08:59:59", False),
        ("2026-11-21T09:00", True),
        ("2026-11-21T20:59:59", True),
        ("2026-11-21T21:00", False),
    ],
)
def test_the_first_minute_counts_and_the_closing_minute_does_not(at, is_open):
    assert shop().is_open(taipei(at)) is is_open


def test_a_slot_over_midnight_belongs_to_both_days():
    night = shop("22:00-02:00")
    assert night.is_open(taipei("2026-11-21T23:00"))
    assert night.is_open(taipei("2026-11-22T01:59"))
    assert not night.is_open(taipei("2026-11-22T02:00"))


def test_round_the_clock_never_closes():
    assert shop("00:00-24:00").is_open(taipei("2026-11-21T00:00"))
    assert shop("00:00-24:00").is_open(taipei("2026-11-21T23:59:59"))


def test_the_lunch_break_is_closed_and_ends():
    split = shop("09:00-12:00, 13:30-18:00")
    assert split.next_open(taipei("2026-11-21T12:10")) == taipei("2026-11-21T13:30")


def test_the_next_opening_after_the_evening_is_tomorrow_morning():
    assert shop().next_open(taipei("2026-11-21T23:26")) == taipei("2026-11-22T09:00")


def test_two_hours_begun_before_closing_end_in_the_morning():
    assert shop().add(taipei("2026-11-21T20:00"), timedelta(hours=2)) == taipei("2026-11-22T10:00")


def test_overlapping_slots_count_once():
    doubled = shop("09:00-12:00,11:00-13:00")
    assert doubled.add(taipei("2026-11-21T09:00"), timedelta(hours=5)) == taipei("2026-11-22T10:00")


OFFICE = OpeningHours((slots("09:00-18:00"),) * 5 + ((), ()), TAIPEI, country="TW")
HALF_DAY = slots("10:00-12:00")


@pytest.mark.parametrize("day", ["2023-01-07", "2023-06-17", "2023-09-23", "2024-02-17", "2025-02-08"])
def test_a_make_up_workday_on_a_saturday_is_worked_like_a_monday(day):
    assert OFFICE.is_made_up(date.fromisoformat(day))
    assert OFFICE.is_open(taipei(f"{day}T09:00"))


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2025-01-27", "bridged by the make-up workday of 8 February"),
        ("2025-02-15", "an ordinary Saturday"),
        ("2026-02-17", "Chinese New Year"),
        ("2026-10-09", "National Day on a Saturday, taken on the Friday"),
        ("2026-12-25", "Constitution Day, free since 2025"),
    ],
)
def test_on_free_days_of_taiwan_nobody_is_there(day, why):
    assert not OFFICE.is_open(taipei(f"{day}T10:00")), why


def test_no_saturday_is_made_up_for_since_2026():
    """Taiwan has kept its bridge days and dropped the make-up workdays."""
    saturdays = [date(2026, 1, 3) + timedelta(weeks=week) for week in range(104)]
    assert not any(OFFICE.is_made_up(day) for day in saturdays)


def test_friday_evening_before_a_make_up_workday_is_answered_on_the_saturday():
    assert OFFICE.next_open(taipei("2025-02-07T20:00")) == taipei("2025-02-08T09:00")


def test_the_evening_before_a_long_weekend_is_answered_after_it():
    assert OFFICE.next_open(taipei("2026-10-08T20:00")) == taipei("2026-10-12T09:00")


def test_who_works_on_saturdays_anyhow_keeps_the_own_hours_on_a_make_up_workday():
    both = OpeningHours((slots("09:00-18:00"),) * 5 + (HALF_DAY, ()), TAIPEI, country="TW")
    assert both.next_open(taipei("2025-02-08T06:00")) == taipei("2025-02-08T10:00")


def test_an_own_closure_and_a_day_of_its_own_come_before_the_week():
    special = {date(2026, 10, 10): HALF_DAY}
    own = OpeningHours(OFFICE.week, TAIPEI, "TW", closed=frozenset({date(2026, 10, 12)}), special=special)
    assert own.next_open(taipei("2026-10-08T20:00")) == taipei("2026-10-10T10:00")
    assert own.next_open(taipei("2026-10-10T12:00")) == taipei("2026-10-13T09:00")


def test_a_clock_that_is_put_forward_costs_an_hour_of_the_night_shift():
    night = OpeningHours.parse("22:00-06:00", NEW_YORK)
    before = datetime(2026, 3, 7, 22, 0, tzinfo=NEW_YORK)
    assert night.between(before, before + timedelta(hours=12)) == timedelta(hours=7)


@pytest.mark.parametrize("text", ["", "9-21", "09:00", "09:00-25:00", "24:00-09:00", "09:00-21:00,"])
def test_a_mistyped_setting_is_named(text):
    with pytest.raises(SettingsError, match="OPEN_HOURS"):
        shop(text)


@given(calendars, moments)
def test_the_next_opening_is_open_and_nothing_before_it_is(hours, at):
    opening = hours.next_open(at)
    assert opening >= at
    assert hours.is_open(opening)
    assert hours.is_open(at) == (opening == at)
    assert not hours.is_open(at + (opening - at) / 2) or opening == at


@given(calendars, moments, spans, spans)
def test_working_time_adds_up_and_never_runs_faster_than_the_clock(hours, at, one, two):
    assert hours.add(at, one) >= at + one
    if one:
        assert hours.add(hours.add(at, one), two) == hours.add(at, one + two)


@given(calendars, moments, moments, spans)
def test_who_comes_first_is_due_first(hours, early, late, span):
    early, late = sorted((early, late))
    assert hours.add(early, span) <= hours.add(late, span)
