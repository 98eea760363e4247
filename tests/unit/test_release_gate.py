"""The gate of a release: what chance alone does passes, also just above the recorded floor; what is worse does not."""

from collections.abc import Sequence

import pytest

from bot.nlu.evaluation import Outcome, run
from bot.nlu.floor import Floor
from bot.nlu.heldout import Case
from bot.ports import Understanding
from faq.judgement import Verdict
from faq.releases import gate

MANY = 1000
NO_FLOOR = Floor(at_least={}, at_most={})
ABOVE = Floor(at_least={}, at_most={"high_risk_answered": 0.002})  # what is live stands at 0.001
CASES = [
    Case.model_validate(
        {"place": "t.yml:1", "text": f"這盒破掉了 {n}", "category": "damaged_or_defective", "risk": "high"}
    )
    for n in range(MANY)
]


class Mistaken:
    """An engine that takes the first so many messages for questions about fees, and knows the others."""

    name = "mistaken"

    def __init__(self, times: int) -> None:
        self.times = times

    def ready(self) -> bool:
        return True

    def trouble(self) -> str:
        return ""

    def parse(self, texts: Sequence[str]) -> list[Understanding]:
        return [self._heard(text) for text in texts]

    def _heard(self, text: str) -> Understanding:
        taken = int(text.split()[-1]) < self.times
        intent = "shipping_fee" if taken else "damaged_item"
        return Understanding(text, intent, 0.99, ranking=((intent, 0.99),))


def outcomes(times: int) -> list[Outcome]:
    return list(run(Mistaken(times), CASES))


def failed(new: int, live: int, floor: Floor = NO_FLOOR) -> set[str]:
    found: Verdict = gate.judge(outcomes(new), outcomes(live), floor)
    return {check.name for check in found.checks if not check.passed}


@pytest.mark.parametrize("floor", [NO_FLOOR, ABOVE])
def test_what_chance_does_passes_however_near_the_floor_is(floor: Floor) -> None:
    assert failed(3, live=1, floor=floor) == set()


def test_what_is_worse_by_more_does_not() -> None:
    assert "high_risk_answered" in failed(8, live=1)


def test_many_small_steps_end_where_the_floor_and_its_slack_do() -> None:
    assert "high_risk_answered" not in failed(7, live=5)
    assert "high_risk_answered" not in failed(7, live=5, floor=ABOVE)
    assert "high_risk_answered" in failed(8, live=5, floor=ABOVE)
    assert "high_risk_answered" not in failed(8, live=5)
