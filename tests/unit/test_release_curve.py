"""What answering more would cost, drawn: numbers that a picture is made of."""

from typing import Any

import pytest

from faq.releases.curve import BOTTOM, LEFT, RIGHT, TOP, drawn, shares

SOME = {
    "automatic": 0.5,
    "answered": 0.25,
    "wrong_answers": 0.01,
    "risk_coverage_of_answers": [
        {"coverage": 0.5, "risk": 0.04, "confidence": 0.9},
        {"coverage": 1.0, "risk": 0.2, "confidence": 0.4},
    ],
}


def test_shares_are_of_all_messages() -> None:
    assert shares(SOME) == ((0.25, 0.01), (0.5, 0.1))


def test_the_dot_stands_on_the_line_where_the_threshold_is() -> None:
    found = drawn([(7, SOME)], 0.01)
    assert found
    [curve] = found.curves
    across, high = (LEFT + RIGHT) / 2, BOTTOM - (BOTTOM - TOP) / 4
    assert (curve.release, curve.dot, found.limit) == (7, (across, high), high)
    assert f"{across},{high}" in curve.line


def test_a_line_ends_where_it_leaves_the_picture() -> None:
    found = drawn([(7, SOME)], 0.01)
    assert found
    x, y = map(float, found.curves[0].line.split()[-1].split(","))
    assert y == TOP
    assert (LEFT + RIGHT) / 2 < x < RIGHT


@pytest.mark.parametrize("worst", [0.0, 1.0])
def test_any_release_has_a_picture(worst: float) -> None:
    points = [{"coverage": 1.0, "risk": worst, "confidence": 0.5}]
    assert drawn([(1, SOME | {"risk_coverage_of_answers": points})], 0.01)


def test_where_nothing_may_be_wrong_the_limit_is_the_floor() -> None:
    found = drawn([(7, SOME)], 0.0)
    assert found
    assert (found.limit, found.curves[0].dot[1]) == (BOTTOM, BOTTOM - (BOTTOM - TOP) / 4)


@pytest.mark.parametrize(
    "none", [{"answered": 0.3}, SOME | {"automatic": 0.0}, SOME | {"risk_coverage_of_answers": []}]
)
def test_a_release_of_an_older_program_or_that_answers_nothing_is_not_drawn(none: dict[str, Any]) -> None:
    assert drawn([(1, none)], 0.01) is None
    found = drawn([(1, none), (2, SOME)], 0.01)
    assert found
    assert [curve.release for curve in found.curves] == [2]
