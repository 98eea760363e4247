"""The board's chart: nothing leaves the picture, whatever the numbers are, and times stand where they belong."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from handoff.board.chart import BOTTOM, LEFT, RIGHT, TOP, drawn
from handoff.overview.arrivals import AHEAD, BACK, Hour

AT = datetime(2026, 11, 25, 6, 9, tzinfo=UTC)  # 14:09 in Taipei
TAIPEI = ZoneInfo("Asia/Taipei")


def hours(cases, most):
    return [
        Hour(AT + timedelta(hours=ahead), cases if ahead <= 0 else None, most / 2, 0, most)
        for ahead in range(1 - BACK, AHEAD + 1)
    ]


def points(path):
    return [tuple(map(float, point.split(","))) for point in path.split()]


@pytest.mark.parametrize(("cases", "most"), [(0, 0), (3, 1), (79, 52), (1234, 9)])
def test_everything_stays_in_the_picture(cases, most):
    chart = drawn(hours(cases, most), TAIPEI)
    for x, y in points(chart.band) + points(chart.usual) + points(chart.today):
        assert LEFT <= x <= RIGHT
        assert TOP <= y <= BOTTOM
    assert [number for _, number in chart.lines] == sorted({number for _, number in chart.lines})


def test_todays_line_ends_now_and_the_usual_goes_on():
    chart = drawn(hours(4, 8), TAIPEI)
    assert points(chart.today)[-1] == chart.now
    assert (len(points(chart.today)), len(points(chart.usual))) == (BACK, BACK + AHEAD)
    assert points(chart.usual)[-1][0] == RIGHT > chart.now[0]


def test_times_of_day_are_the_shops():
    ticks = drawn(hours(1, 1), TAIPEI).ticks
    assert [time for _, time in ticks] == ["06:00", "09:00", "12:00", "15:00", "18:00"]
    assert [x for x, _ in ticks] == sorted(x for x, _ in ticks)
