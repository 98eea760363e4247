"""The held-out messages: what nobody trained on must be understood as well as it was when the floor was recorded."""

from bot.nlu import floor, heldout
from bot.nlu.evaluation import figures, run
from bot.services import Services


def test_the_shipped_understanding_stands_above_the_recorded_floor(current: Services) -> None:
    cases = [case for path in heldout.shipped() for case in heldout.read(path)]
    told = figures(list(run(current.wiring.nlu, cases)))
    assert floor.recorded().breaches(told) == [], told
