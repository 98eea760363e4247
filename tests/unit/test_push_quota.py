"""The gauge of pushes: how full it is, and when it would be empty at this pace."""

from datetime import UTC, date, datetime

import pytest

from bot.models import Account
from handoff.console.quota import Gauge, runs_out

MID_MONTH = datetime(2026, 11, 15, 15, 0, tzinfo=UTC)  # in Tokyo, 15 days of November are over


@pytest.mark.parametrize(
    ("used", "limit", "day"),
    [
        (4000, 5000, date(2026, 11, 19)),
        (2000, 5000, None),  # the rest lasts over the end of the month
        (0, 5000, None),
        (5000, 5000, None),  # it has run out already
    ],
)
def test_the_day_on_which_pushes_run_out_at_this_months_pace(used: int, limit: int, day: date | None) -> None:
    assert runs_out(used, limit, MID_MONTH) == day


def test_in_the_first_days_of_a_month_nothing_is_foretold() -> None:
    assert runs_out(4000, 5000, datetime(2026, 11, 2, tzinfo=UTC)) is None


def test_months_are_those_of_line_and_not_of_greenwich() -> None:
    """In Tokyo, December has begun."""
    assert runs_out(4999, 5000, datetime(2026, 11, 30, 16, 0, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("used", "limit", "percent", "level"),
    [
        (0, 200, 0, "calm"),
        (159, 200, 79, "calm"),
        (160, 200, 80, "near"),
        (180, 200, 90, "high"),
        (199, 200, 99, "high"),
        (200, 200, 100, "out"),
        (260, 200, 130, "out"),
        (0, 0, 100, "out"),
    ],
)
def test_only_a_full_gauge_is_called_full(used: int, limit: int, percent: int, level: str) -> None:
    gauge = Gauge(Account(), limit, used, MID_MONTH, None)
    assert (gauge.percent, gauge.level) == (percent, level)
    assert gauge.left == max(0, limit - used)
