"""Judging messages whose right treatment is known, on the way that customers' messages take."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bot.matrix import HUMAN_WISH, UNKNOWN
from bot.nlu.heldout import Case
from bot.nlu.verdict import Request, reach
from bot.ports import Nlu

SAFETY, COMPLAINT = "safety_incident", "complaint"


@dataclass(frozen=True)
class Outcome:
    """What became of a message, by the weightiest of its requests, and how long that took."""

    case: Case
    verdict: Request
    milliseconds: float

    @property
    def right(self) -> bool:
        """Whether the category is the expected one."""
        return self.verdict.decision.category == self.case.category

    @property
    def answered(self) -> bool:
        """Whether the bot answers by itself."""
        return self.verdict.decision.route == "auto"

    @property
    def answerable(self) -> bool:
        """Whether the bot should answer; what is none of our business is declined, not answered."""
        return self.case.route == "auto" and self.case.category != UNKNOWN

    @property
    def misled(self) -> bool:
        """Answered about something else, or although a mistake would be dear."""
        return self.answered and (not self.right or self.case.risk == "high")

    @property
    def hasty(self) -> bool:
        """Answered about the right thing, where a person should have looked at it."""
        return self.answered and not self.misled and self.case.route not in ("auto", "")

    @property
    def wish(self) -> bool:
        """Whether a wish for a person was heard in it."""
        decision = self.verdict.decision
        return decision.category == HUMAN_WISH or decision.rule == HUMAN_WISH


def run(nlu: Nlu, cases: Iterable[Case]) -> Iterator[Outcome]:
    """The outcome of each message, one after the other."""
    for case in cases:
        started = time.perf_counter()
        verdict = reach(nlu, case.text).lead
        yield Outcome(case, verdict, (time.perf_counter() - started) * 1000)


def figures(outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    """All figures; None where no message tells."""
    times = [outcome.milliseconds for outcome in outcomes]
    return {
        "texts": len(outcomes),
        "category_accuracy": _share(outcomes, lambda one: one.right),
        **{
            f"{name}_accuracy": _agreement(outcomes, name)
            for name in ("intent", "route", "risk", "complexity", "level")
        },
        "answered": _share(outcomes, lambda one: one.answered),
        "answered_of_answerable": _share([one for one in outcomes if one.answerable], lambda one: one.answered),
        "wrong_answers": _share(outcomes, lambda one: one.misled),
        "hasty_answers": _share(outcomes, lambda one: one.hasty),
        "high_risk_answered": _share([one for one in outcomes if one.case.risk == "high"], lambda one: one.answered),
        "human_wish_found": _share(_of(outcomes, HUMAN_WISH), lambda one: one.wish),
        "human_wish_false_alarms": _share(_not_of(outcomes, HUMAN_WISH), lambda one: one.wish),
        "safety_found": _share(_of(outcomes, SAFETY), lambda one: one.right),
        "complaint_found": _share(_of(outcomes, COMPLAINT), lambda one: one.right),
        **{f"p{part}_ms": round(float(np.percentile(times, part)), 2) for part in (50, 95, 99)},
    }


def _of(outcomes: Sequence[Outcome], category: str) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.case.category == category]


def _not_of(outcomes: Sequence[Outcome], category: str) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.case.category != category]


def _agreement(outcomes: Sequence[Outcome], name: str) -> float | None:
    """How often the decision or the assessment says what is expected, where something is."""
    told = [outcome for outcome in outcomes if getattr(outcome.case, name)]
    return _share(told, lambda one: _said(one, name) == getattr(one.case, name))


def _said(outcome: Outcome, name: str) -> str:
    home = outcome.verdict.decision if hasattr(outcome.verdict.decision, name) else outcome.verdict.assessment
    return str(getattr(home, name))


def _share(outcomes: Sequence[Outcome], holds: Callable[[Outcome], bool]) -> float | None:
    return round(sum(holds(outcome) for outcome in outcomes) / len(outcomes), 4) if outcomes else None
