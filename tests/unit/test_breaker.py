"""An account whose platform is away rests for a while, and never for ever."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from bot import clock
from bot.breaker import LONGEST_ASKED, LONGEST_REST, TOLERATED, Breaker


@pytest.fixture
def time() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        yield traveller


def rest(breaker: Breaker) -> float:
    until = breaker.rests_until(1)
    return (until - clock.now()).total_seconds() if until else 0.0


def test_a_little_bad_luck_is_tolerated(time: time_machine.Traveller) -> None:
    breaker = Breaker()
    for _ in range(TOLERATED):
        breaker.trouble(1)
    assert rest(breaker) == 0


def test_rests_double_up_to_half_a_minute(time: time_machine.Traveller) -> None:
    breaker, rests = Breaker(), []
    for _ in range(TOLERATED + 10):
        breaker.trouble(1)
        rests.append(rest(breaker))
    assert rests[TOLERATED:][:4] == [2.0, 4.0, 8.0, 16.0]
    assert rests[-1] == LONGEST_REST


def test_a_rest_is_over_in_time_and_one_more_failure_begins_the_next(time: time_machine.Traveller) -> None:
    breaker = Breaker()
    for _ in range(TOLERATED + 1):
        breaker.trouble(1)
    time.shift(timedelta(seconds=3))
    assert rest(breaker) == 0
    breaker.trouble(1)
    assert rest(breaker) == 4


def test_a_clear_answer_ends_the_trouble(time: time_machine.Traveller) -> None:
    breaker = Breaker()
    for _ in range(TOLERATED + 1):
        breaker.trouble(1)
    breaker.well(1)
    assert rest(breaker) == 0
    breaker.trouble(1)
    assert rest(breaker) == 0


@pytest.mark.parametrize(("asked", "given"), [(17.0, 17.0), (86_400.0, LONGEST_ASKED)])
def test_what_the_platform_asks_for_is_given_within_reason(
    time: time_machine.Traveller, asked: float, given: float
) -> None:
    breaker = Breaker()
    breaker.trouble(1, asked)
    assert rest(breaker) == given


def test_one_accounts_trouble_is_not_anothers(time: time_machine.Traveller) -> None:
    breaker = Breaker()
    breaker.trouble(2, 60.0)
    assert rest(breaker) == 0


def test_a_clock_that_is_set_back_does_not_make_a_rest_longer(time: time_machine.Traveller) -> None:
    breaker = Breaker()
    breaker.trouble(1, 60.0)
    time.shift(timedelta(hours=-5))
    assert rest(breaker) == 0
