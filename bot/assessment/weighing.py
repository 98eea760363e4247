"""Weighing a message: the intent's own weight, the signals in its words, the facts in it, the history before it.

Everything here can only raise. An intent that is not sure lends its category and team, but no weight.
"""

from __future__ import annotations  # sibling modules may be named in types only

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from bot.assessment.lexicon import Effect, Lexicon, Signal
from bot.language import fold

if TYPE_CHECKING:
    from bot.matrix.policy import Complexity, IntentPolicy, Level, Policy, Priority, Risk
    from bot.ports import Understanding

RISKS: tuple[Risk, ...] = ("low", "high")
COMPLEXITIES: tuple[Complexity, ...] = ("simple", "complex")
LEVELS: tuple[Level, ...] = ("L3", "L2", "L1")
PRIORITIES: tuple[Priority, ...] = ("low", "normal", "high", "urgent")
BY_LEVEL: dict[Level, Priority] = {"L3": "normal", "L2": "high", "L1": "urgent"}
OF_A_PERSON = {"national_id": "身分證字號", "card": "卡號"}
REPEATS = 2
Step = TypeVar("Step", bound=str)


@dataclass(frozen=True)
class History:
    """What came before: how often we had to ask what was meant, how often this was asked already, who asks."""

    clarified: int = 0
    repeated: int = 0
    tier: str = ""


@dataclass(frozen=True)
class Assessment:
    """The weight of a message. `trusted`: the intent is sure, by the classifier, a phrase or a signal."""

    intent: str
    category: str
    risk: Risk
    complexity: Complexity
    level: Level
    priority: Priority
    team: str
    needs: tuple[str, ...]
    signals: tuple[str, ...]
    reasons: tuple[str, ...]
    trusted: bool
    clarified: int = 0


@dataclass(frozen=True)
class _Raise:
    """One thing that weighs, and the words that tell staff so."""

    reason: str
    effect: Effect


def assess(
    text: str, understanding: Understanding, policy: Policy, lexicon: Lexicon, history: History | None = None
) -> Assessment:
    """Weigh `text`, understood as `understanding`, after `history`."""
    history = history or History()
    fired = lexicon.fired(fold(text))
    named = next((signal for signal in fired if signal.effect.intent), None)
    intent = named.effect.intent if named else understanding.intent
    trusted = bool(named) or understanding.sure
    own = _policy_of(intent, policy)
    raises = [*_own_weight(own, trusted), *_signals(fired), *_facts(understanding), *_before(history)]
    level = _highest((r.effect.level for r in raises), LEVELS)
    return Assessment(
        intent=intent,
        category=own.category,
        risk=_highest((r.effect.risk for r in raises), RISKS),
        complexity=_highest((r.effect.complexity for r in raises), COMPLEXITIES),
        level=level,
        priority=_highest((BY_LEVEL[level], *(r.effect.priority for r in raises)), PRIORITIES),
        team=own.team,
        needs=own.needs,
        signals=tuple(signal.name for signal in fired),
        reasons=(_meaning(understanding, own, named), *(r.reason for r in raises if r.reason)),
        trusted=trusted,
        clarified=history.clarified,
    )


def _policy_of(intent: str, policy: Policy) -> IntentPolicy:
    return policy.intents.get(intent) or policy.intents["out_of_scope"]


def _highest(steps: Iterable[Step], order: tuple[Step, ...]) -> Step:
    return max(steps, key=order.index, default=order[0])


def _meaning(understanding: Understanding, own: IntentPolicy, named: Signal | None) -> str:
    if named:
        return f"用語判定：{own.title}"
    if understanding.blind:
        return "語意引擎目前無法判讀這則訊息"
    if understanding.rule:
        return f"片語判定：{own.title}"
    return f"語意判定：{own.title}（信心 {understanding.confidence:.2f}）"


def _own_weight(own: IntentPolicy, trusted: bool) -> list[_Raise]:
    if not trusted:
        return []
    return [_Raise("", Effect(risk=own.risk, complexity=own.complexity, level=own.level))]


def _signals(fired: tuple[Signal, ...]) -> list[_Raise]:
    return [_Raise(f"訊息提到：{signal.title}", signal.effect) for signal in fired]


def _facts(understanding: Understanding) -> list[_Raise]:
    found = {entity.kind for entity in understanding.entities} & set(OF_A_PERSON)
    return [_Raise(f"訊息含有{OF_A_PERSON[kind]}", Effect(risk="high")) for kind in sorted(found)]


def _before(history: History) -> list[_Raise]:
    raises = []
    if history.repeated >= REPEATS:
        raises.append(_Raise(f"同一問題已問 {history.repeated} 次", Effect(complexity="complex", level="L2")))
    if history.tier.lower() == "vip":
        raises.append(_Raise("VIP 顧客", Effect(priority="high")))
    return raises
