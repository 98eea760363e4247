"""How what staff make is judged beside what is live: the test messages, and figures with how far they may go.

What may get worse by how much, the gates say: faq/releases/gate.py of a release, faq/policies/gate.py of a policy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.nlu import heldout
from bot.nlu.evaluation import Outcome
from bot.nlu.floor import Floor
from bot.nlu.heldout import Case

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


def cases() -> list[Case]:
    """The test messages."""
    return [case for path in (*heldout.shipped(), heldout.regression()) for case in heldout.read(path)]


def compared(
    now: Mapping[str, Any],
    before: Mapping[str, Any],
    floor: Floor,
    at_least: Mapping[str, float],
    at_most: Mapping[str, float],
) -> list[Check]:
    """Each figure beside the live one's, with its slack; the recorded floor keeps many small steps from going far."""
    least = [(name, _lower(before[name], slack, floor.at_least.get(name))) for name, slack in at_least.items()]
    most = [(name, _higher(before[name], slack, floor.at_most.get(name))) for name, slack in at_most.items()]
    return [
        *(Check(name, now[name], before[name], limit, _fits(now[name], limit, 1)) for name, limit in least),
        *(Check(name, now[name], before[name], limit, _fits(now[name], limit, -1)) for name, limit in most),
    ]


def _lower(before: float | None, slack: float, floor: float | None) -> float | None:
    """What must be reached: nearly what the live release reaches, and the floor; where live is below that, as much."""
    if before is None:
        return None
    held = 0.0 if floor is None else min(floor, before)
    return round(max(before - slack, held), 4)


def _higher(before: float | None, slack: float, floor: float | None) -> float | None:
    if before is None:
        return None
    held = 1.0 if floor is None else max(floor, before)
    return round(min(before + slack, held), 4)


def _fits(value: float | None, limit: float | None, sign: int) -> bool:
    return value is None or limit is None or sign * value >= sign * limit
