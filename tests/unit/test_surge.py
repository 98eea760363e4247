"""When a rush begins, and when it is over: not at the same place."""

import pytest

from handoff.assignment.surge import Load


@pytest.mark.parametrize(
    ("load", "rush"),
    [
        (Load(), False),
        (Load(arrivals=9, usual=0.0), False),
        (Load(arrivals=10, usual=0.0), True),
        (Load(arrivals=29, usual=10.0), False),
        (Load(arrivals=30, usual=10.0), True),
        (Load(overdue=1), True),
    ],
)
def test_a_rush_is_far_above_the_usual_or_somebody_who_waits_too_long(load, rush):
    assert load.rush is rush


@pytest.mark.parametrize(
    ("load", "calm"),
    [
        (Load(), True),
        (Load(arrivals=4), True),
        (Load(arrivals=5), False),
        (Load(arrivals=14, usual=10.0), True),
        (Load(arrivals=15, usual=10.0), False),
        (Load(overdue=1), False),
    ],
)
def test_it_is_calm_only_near_the_usual(load, calm):
    assert load.calm is calm


@pytest.mark.parametrize("usual", [0.0, 1.0, 3.0, 10.0, 40.0])
def test_no_load_is_both_and_some_are_neither(usual):
    loads = [Load(arrivals, usual) for arrivals in range(200)]
    assert not any(load.rush and load.calm for load in loads)
    assert any(not load.rush and not load.calm for load in loads)
