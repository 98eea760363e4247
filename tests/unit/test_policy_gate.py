"""The gate of a policy: who needs a person is given one as often as before, and no more is answered wrongly."""

from collections.abc import Sequence

import pytest

from bot.nlu import policy
from bot.nlu.evaluation import Outcome, run
from bot.nlu.floor import Floor
from bot.nlu.heldout import Case
from bot.nlu.overlay import Changes
from bot.ports import Understanding
from faq.judgement import Verdict
from faq.policies import gate

NO_FLOOR = Floor(at_least={}, at_most={})
RANKINGS = {
    "那盒東西到底怎樣了": (("order_not_arrived_late", 0.45), ("damaged_item", 0.44)),
    "運費多少呢": (("shipping_fee", 0.97),),
    "這盒破掉了": (("damaged_item", 0.95),),
}


class Ranked:
    """An engine that is torn between the intents of the table, and sure of nothing below a half."""

    name = "ranked"

    def ready(self) -> bool:
        return True

    def trouble(self) -> str:
        return ""

    def parse(self, texts: Sequence[str]) -> list[Understanding]:
        return [Understanding(text, *RANKINGS[text][0], ranking=RANKINGS[text]) for text in texts]


def case(text: str, category: str, risk: str) -> Case:
    return Case.model_validate({"place": "t.yml:1", "text": text, "category": category, "risk": risk})


CASES = (
    case("那盒東西到底怎樣了", "order_status", "high"),
    case("運費多少呢", "shipping_fee_time", "low"),
    case("這盒破掉了", "damaged_or_defective", "high"),
)


def under(changes: Changes) -> list[Outcome]:
    with policy.on_trial(policy.made(changes)):
        return list(run(Ranked(), CASES))


def verdict(draft: Changes, live: Changes, floor: Floor = NO_FLOOR) -> Verdict:
    return gate.judge(under(draft), under(live), floor)


def failed(found: Verdict) -> list[str]:
    return [check.name for check in found.checks if not check.passed]


def test_who_was_handed_over_and_would_be_asked_back_is_worse() -> None:
    found = verdict({"thresholds.persons": "1"}, {})
    assert failed(found) == ["high_risk_handed"]
    assert [(one.case.text, one.verdict.decision.route) for one, _ in found.worse] == [(CASES[0].text, "clarify")]


def test_what_would_be_answered_though_a_mistake_is_dear_is_worse() -> None:
    found = verdict({"matrix.low_complex": "auto"}, {})
    assert {"wrong_answers", "high_risk_answered", "high_risk_handed"} <= set(failed(found))
    assert [one.case.text for one, _ in found.worse][:1] == ["這盒破掉了"]


@pytest.mark.parametrize(
    "careful", [{}, {"matrix.low_simple": "human"}, {"matrix.low_simple": "review", "thresholds.persons": "0"}]
)
def test_to_answer_less_and_to_hand_over_more_passes(careful: Changes) -> None:
    found = verdict(careful, {})
    assert (failed(found), found.worse) == ([], ())


def test_what_went_live_riskier_may_be_mended_in_steps() -> None:
    found = verdict({"thresholds.persons": "1"}, {"thresholds.persons": "1", "matrix.low_complex": "auto"})
    assert (found.passed, found.better) == (True, 1)
