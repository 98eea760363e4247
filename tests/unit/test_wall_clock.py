"""The ticker notices that somebody has set the clock back, and nothing else."""

import pytest

from bot import sweeper


@pytest.mark.parametrize(
    ("wall", "steady", "told"),
    [(0.15, 0.15, False), (3600.0, 0.15, False), (-0.5, 0.15, False), (-60.0, 0.15, True), (100.0, 3600.0, True)],
    ids=["as usual", "set forward", "corrected a little", "set back", "slept meanwhile"],
)
def test_a_clock_is_compared_with_the_one_that_nobody_sets(
    monkeypatch: pytest.MonkeyPatch, wall: float, steady: float, told: bool
) -> None:
    clock = sweeper.WallClock()
    monkeypatch.setattr(sweeper.time, "time", lambda: 1000.0)
    monkeypatch.setattr(sweeper.time, "monotonic", lambda: 50.0)
    assert clock.was_set_back()  # at its start a ticker knows nothing of before
    monkeypatch.setattr(sweeper.time, "time", lambda: 1000.0 + wall)
    monkeypatch.setattr(sweeper.time, "monotonic", lambda: 50.0 + steady)
    assert clock.was_set_back() is told
