"""How a build was judged, as its page tells it: checks, messages that got worse and the edit nearest to each."""

from collections.abc import Sequence
from typing import Any

from bot.nlu.breakdown import by_intent
from bot.nlu.evaluation import Outcome, figures
from bot.nlu.features import prepare
from bot.nlu.nearness import Nearness
from faq.judgement import Verdict
from faq.training import Line, Working

BLAMED = 0.2  # cosine from which an edit may be what took a message


def report(verdict: Verdict, new: Sequence[Outcome], live: Sequence[Outcome], working: Working) -> dict[str, Any]:
    return {
        "passed": verdict.passed,
        "checks": [vars(check) for check in verdict.checks],
        "worse": _worse(verdict, working),
        "better": verdict.better,
        "texts": len(new),
        "figures": figures(new),
        "before": figures(live),
        "intents": {row["name"]: [row["recall"], row["expected"]] for row in by_intent(new) if row["expected"]},
    }


def _worse(verdict: Verdict, working: Working) -> list[dict[str, Any]]:
    edits = [line for line in working.edits if line.intent]
    nearness = Nearness([prepare(line.text) for line in edits]) if edits else None
    return [
        {
            "text": one.case.text,
            "expected": one.case.category,
            "before": before.verdict.decision.intent,
            "now": one.verdict.decision.intent,
            "route": one.verdict.decision.route,
            "misled": one.misled,
            "near": _blamed(one.case.text, nearness, edits),
        }
        for one, before in verdict.worse
    ]


def _blamed(text: str, nearness: Nearness | None, edits: Sequence[Line]) -> dict[str, str] | None:
    """The edit that is written most like the message, if any is."""
    hits = nearness.nearest(prepare(text), 1) if nearness else []
    if not hits or hits[0][1] < BLAMED:
        return None
    line = edits[hits[0][0]]
    return {"key": line.key, "text": line.text, "intent": line.intent}
