"""The gate: whether a release may take over, by what it makes of the test messages beside the one that is live.

Every sentence that is added moves the thresholds, and messages that stand beside one, either way. That alone moves
figures a little, so each has the slack that was measured for it (docs/nlu.md); what goes further is worse. The
recorded floor has it too: what is shipped stands barely above it, and one message more would be a breach.
"""

from collections.abc import Sequence

from bot.nlu.evaluation import Outcome, figures
from bot.nlu.floor import Floor
from faq.judgement import SHOWN, Check, Verdict, compared

AT_LEAST = {
    "category_accuracy": 0.01,
    "answered_of_answerable": 0.03,
    "human_wish_found": 0.01,
    "safety_found": 0.01,
    "complaint_found": 0.02,
}
AT_MOST = {"wrong_answers": 0.003, "high_risk_answered": 0.005, "human_wish_false_alarms": 0.003}
SLIPPED = 0.03  # of a category's messages, and more than chance takes from one of twenty now and then
CHANCE = 3


def judge(new: Sequence[Outcome], live: Sequence[Outcome], floor: Floor) -> Verdict:
    """The verdict on outcomes of the same messages, in the same order."""
    now, before = figures(new), figures(live)
    pairs = list(zip(new, live, strict=True))
    worse = [(one, other) for one, other in pairs if good(other) and not good(one)]
    checks = [*compared(now, before, _with_slack(floor), AT_LEAST, AT_MOST), _slipped(pairs)]
    ordered = sorted(worse, key=lambda pair: not pair[0].misled)
    return Verdict(tuple(checks), tuple(ordered[:SHOWN]), sum(good(one) and not good(other) for one, other in pairs))


def good(outcome: Outcome) -> bool:
    """Whether the customer got what he should."""
    return outcome.right and not outcome.misled


def _with_slack(floor: Floor) -> Floor:
    """How far many small steps together may go."""
    least = {name: value - AT_LEAST.get(name, 0.0) for name, value in floor.at_least.items()}
    return Floor(
        at_least=least, at_most={name: value + AT_MOST.get(name, 0.0) for name, value in floor.at_most.items()}
    )


def _slipped(pairs: Sequence[tuple[Outcome, Outcome]]) -> Check:
    """How many categories lost more of their messages than chance takes."""
    count = 0
    for category in {one.case.category for one, _ in pairs}:
        own = [(good(one), good(other)) for one, other in pairs if one.case.category == category]
        lost = sum(other for _, other in own) - sum(one for one, _ in own)
        count += lost > max(CHANCE, SLIPPED * len(own))
    return Check("slipped_categories", float(count), None, 0.0, count == 0)
