"""The gate: whether a release may take over, by what it makes of the test messages beside the one that is live.

Which sentences are embedded is drawn anew with every sentence that is added. That alone moves figures a little, so
each has the slack that was measured for it (docs/nlu.md); what goes further is worse.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.nlu.evaluation import Outcome, figures
from bot.nlu.floor import Floor

AT_LEAST = {
    "category_accuracy": 0.01,
    "answered_of_answerable": 0.03,
    "human_wish_found": 0.01,
    "safety_found": 0.01,
    "complaint_found": 0.02,
}
AT_MOST = {"wrong_answers": 0.003, "high_risk_answered": 0.005, "human_wish_false_alarms": 0.003}
SLIPPED = 0.03  # of a category's messages, and more than the draw takes from one of twenty now and then
CHANCE = 3
SHOWN = 60


@dataclass(frozen=True)
class Check:
    """A figure of the new release and the live one, and how far it may go."""

    name: str
    now: float | None
    before: float | None
    limit: float | None
    passed: bool


@dataclass(frozen=True)
class Verdict:
    """All checks, and the messages that fare worse or better than before."""

    checks: tuple[Check, ...]
    worse: tuple[tuple[Outcome, Outcome], ...]
    better: int

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)


def judge(new: Sequence[Outcome], live: Sequence[Outcome], floor: Floor) -> Verdict:
    """The verdict on outcomes of the same messages, in the same order."""
    now, before = figures(new), figures(live)
    pairs = list(zip(new, live, strict=True))
    worse = [(one, other) for one, other in pairs if good(other) and not good(one)]
    checks = [*_compared(now, before, floor), _slipped(pairs)]
    ordered = sorted(worse, key=lambda pair: not pair[0].misled)
    return Verdict(tuple(checks), tuple(ordered[:SHOWN]), sum(good(one) and not good(other) for one, other in pairs))


def good(outcome: Outcome) -> bool:
    """Whether the customer got what he should."""
    return outcome.right and not outcome.misled


def _compared(now: Mapping[str, Any], before: Mapping[str, Any], floor: Floor) -> list[Check]:
    """Each figure beside the live one's; the recorded floor keeps many small steps from going far down."""
    least = [(name, _lower(before[name], slack, floor.at_least.get(name))) for name, slack in AT_LEAST.items()]
    most = [(name, _higher(before[name], slack, floor.at_most.get(name))) for name, slack in AT_MOST.items()]
    return [
        *(Check(name, now[name], before[name], limit, _fits(now[name], limit, 1)) for name, limit in least),
        *(Check(name, now[name], before[name], limit, _fits(now[name], limit, -1)) for name, limit in most),
    ]


def _lower(before: float | None, slack: float, floor: float | None) -> float | None:
    """What must be reached: nearly what the live release reaches, and the floor if that one is above it."""
    if before is None:
        return None
    held = floor if floor is not None and floor <= before else 0.0
    return round(max(before - slack, held), 4)


def _higher(before: float | None, slack: float, floor: float | None) -> float | None:
    if before is None:
        return None
    held = floor if floor is not None and floor >= before else 1.0
    return round(min(before + slack, held), 4)


def _fits(value: float | None, limit: float | None, sign: int) -> bool:
    return value is None or limit is None or sign * value >= sign * limit


def _slipped(pairs: Sequence[tuple[Outcome, Outcome]]) -> Check:
    """How many categories lost more of their messages than chance takes."""
    count = 0
    for category in {one.case.category for one, _ in pairs}:
        own = [(good(one), good(other)) for one, other in pairs if one.case.category == category]
        lost = sum(other for _, other in own) - sum(one for one, _ in own)
        count += lost > max(CHANCE, SLIPPED * len(own))
    return Check("slipped_categories", float(count), None, 0.0, count == 0)
