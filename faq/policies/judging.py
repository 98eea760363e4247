"""What the draft makes of the test messages beside what counts now, as the page of the matrix tells it."""

from collections.abc import Callable, Sequence
from typing import Any

from bot.nlu import floor, policy
from bot.nlu.evaluation import Outcome, run
from bot.nlu.heldout import Case
from bot.nlu.policy import Rules
from bot.ports import Nlu
from faq.judgement import Verdict
from faq.policies import gate


def judged(nlu: Nlu, tests: Sequence[Case], rules: tuple[Rules, Rules], told: Callable[[], None]) -> dict[str, Any]:
    """Whether the draft, the second of the rules, passes; `told` of every message that was judged."""
    live, draft = (_outcomes(nlu, tests, own, told) for own in rules)
    verdict = gate.judge(draft, live, floor.recorded())
    return {
        "passed": verdict.passed,
        "checks": [vars(check) for check in verdict.checks],
        "worse": _worse(verdict),
        "better": verdict.better,
        "texts": len(tests),
    }


def _outcomes(nlu: Nlu, tests: Sequence[Case], rules: Rules, told: Callable[[], None]) -> list[Outcome]:
    found = []
    with policy.on_trial(rules):
        for outcome in run(nlu, tests):
            found.append(outcome)
            told()
    return found


def _worse(verdict: Verdict) -> list[dict[str, Any]]:
    return [
        {
            "text": one.case.text,
            "expected": one.case.category,
            "before": before.verdict.decision.intent,
            "was": before.verdict.decision.route,
            "now": one.verdict.decision.intent,
            "route": one.verdict.decision.route,
            "misled": one.misled,
        }
        for one, before in verdict.worse
    ]
