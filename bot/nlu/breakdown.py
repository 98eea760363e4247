"""An evaluation taken apart: which categories are taken for which, how honest the confidence is, what went worst."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bot.nlu.calibration import reliability, risk_coverage
from bot.nlu.evaluation import Outcome, figures
from bot.nlu.policy import load

SLOWEST, WORST = 15, 60
GRADES: tuple[Callable[[Outcome], bool], ...] = (
    lambda one: one.answered and one.case.risk == "high",
    lambda one: one.misled,
    lambda one: not one.right,
    lambda one: one.hasty,
)
Row = dict[str, Any]


def report(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Everything that a person, or a program, may want to know of an evaluation."""
    confidence = np.array([one.verdict.understanding.confidence for one in outcomes])
    wrong = np.array([not _understood(one) for one in outcomes])
    return {
        "figures": figures(outcomes),
        "origins": by_origin(outcomes),
        "categories": by_category(outcomes),
        "intents": by_intent(outcomes),
        "confusion": confusion(outcomes),
        "reliability": reliability(confidence, wrong),
        "risk_coverage": risk_coverage(confidence, wrong),
        "slowest": [_row(one) for one in sorted(outcomes, key=lambda one: -one.milliseconds)[:SLOWEST]],
        "worst": [_row(one) for one in worst(outcomes)[:WORST]],
    }


def by_origin(outcomes: Sequence[Outcome]) -> dict[str, Row]:
    """The figures of what is written in Taiwan, and of what is converted from mainland chats, where that is told."""
    told = sorted({one.case.origin for one in outcomes} - {""})
    return {origin: figures([one for one in outcomes if one.case.origin == origin]) for origin in told}


def by_category(outcomes: Sequence[Outcome]) -> list[Row]:
    """Precision and recall of each category, in the policy's order."""
    rows = _table(outcomes, lambda one: one.case.category, lambda one: one.verdict.decision.category)
    names = load()[0].categories
    return [
        row | {"title": names[row["name"]].name} for row in sorted(rows, key=lambda row: list(names).index(row["name"]))
    ]


def by_intent(outcomes: Sequence[Outcome]) -> list[Row]:
    """How the decided intents do: by the intent where one is expected, else by its category."""
    policy = load()[0]
    rows = []
    for intent in sorted(
        {one.verdict.decision.intent for one in outcomes} | {one.case.intent for one in outcomes} - {""}
    ):
        decided = [one for one in outcomes if one.verdict.decision.intent == intent]
        expected = [one for one in outcomes if one.case.intent == intent]
        hit = sum(one.case.intent == intent if one.case.intent else one.right for one in decided)
        found = sum(one.verdict.decision.intent == intent for one in expected)
        rows.append(
            {
                "name": intent,
                "title": policy.of(intent).title,
                "decided": len(decided),
                "precision": _ratio(hit, len(decided)),
                "expected": len(expected),
                "recall": _ratio(found, len(expected)),
            }
        )
    return rows


def confusion(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Expected (rows) against decided (columns) categories, counted."""
    seen = {one.case.category for one in outcomes} | {one.verdict.decision.category for one in outcomes}
    names = [name for name in load()[0].categories if name in seen]
    counts = Counter((one.case.category, one.verdict.decision.category) for one in outcomes)
    return {"names": names, "counts": [[counts[expected, decided] for decided in names] for expected in names]}


def _table(
    outcomes: Sequence[Outcome], expected: Callable[[Outcome], str], decided: Callable[[Outcome], str]
) -> list[Row]:
    wanted, said = Counter(map(expected, outcomes)), Counter(map(decided, outcomes))
    hits = Counter(expected(one) for one in outcomes if expected(one) == decided(one))
    return [
        {
            "name": name,
            "expected": wanted[name],
            "decided": said[name],
            "precision": _ratio(hits[name], said[name]),
            "recall": _ratio(hits[name], wanted[name]),
        }
        for name in wanted | said
    ]


def _ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _understood(one: Outcome) -> bool:
    """Whether the engine's own intent belongs to the expected category, whatever was decided then."""
    return load()[0].of(one.verdict.understanding.intent).category == one.case.category


def worst(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """What went wrong, the gravest first; of equals what was surest."""
    graded = ((_grade(one), -one.verdict.understanding.confidence, at) for at, one in enumerate(outcomes))
    return [outcomes[at] for grade, _, at in sorted(graded) if grade < len(GRADES)]


def _grade(one: Outcome) -> int:
    """The graver the smaller; past the last grade if nothing went wrong."""
    return next((at for at, holds in enumerate(GRADES) if holds(one)), len(GRADES))


def _row(one: Outcome) -> Row:
    decision = one.verdict.decision
    return {
        "place": one.case.place,
        "text": one.case.text,
        "expected": {name: getattr(one.case, name) for name in ("category", "route", "level")},
        "decided": {name: getattr(decision, name) for name in ("category", "route", "level")},
        "intent": decision.intent,
        "confidence": round(one.verdict.understanding.confidence, 4),
        "misled": one.misled,
        "reasons": list(decision.reasons),
        "milliseconds": round(one.milliseconds, 2),
    }
