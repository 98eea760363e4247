"""Weighing a message: the intent's own weight, the signals in its words, the facts in it, the history before it.

Everything here can only raise. An intent that is not sure lends its category and team, but no weight.
"""

from __future__ import annotations  # sibling modules may be named in types only

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from bot.assessment.lexicon import Effect, Lexicon, Signal
from bot.assessment.meaning import Meaning, meaning
from bot.language import are_linked, fold

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
LONG_STORY = 160  # Chinese characters; three letters of an alphabet count as one
UNKNOWN = "out_of_scope"
Step = TypeVar("Step", bound=str)


@dataclass(frozen=True)
class History:
    """What came before: how often we had to ask what was meant, how often this was asked already, who asks."""

    clarified: int = 0
    repeated: int = 0
    tier: str = ""


@dataclass(frozen=True)
class Assessment:
    """The weight of a message. `trusted`: the intent is sure, by the classifier, a phrase or a signal.

    `understood` is what was surely meant before signals had their say, or nothing: a wish for a person is heard
    also where the same words tell of something graver. `divisible`: of several requests in the message, each may
    be served by itself; `only_several`: nothing else makes it complex than that there are several.
    """

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
    understood: str = ""
    clarified: int = 0
    divisible: bool = True
    only_several: bool = False


@dataclass(frozen=True)
class _Raise:
    """One thing that weighs, and the words that tell staff so."""

    reason: str
    effect: Effect


def assess(
    text: str, understanding: Understanding, policy: Policy, lexicon: Lexicon, history: History | None = None
) -> Assessment:
    """Weigh `text`, understood as `understanding`, after `history`."""
    history, folded = history or History(), fold(text)
    meant = _not_ruled_out(meaning(understanding, policy), understanding, policy, lexicon, folded)
    fired = lexicon.fired(folded, policy.of(meant.intent).category)
    named = _named(fired, meant)
    intent, trusted = (named, True) if named else (meant.intent, meant.trusted)
    own = policy.of(intent)
    several = _several(text)
    alone = (*_own_weight(own, trusted), *_signals(fired), *_facts(understanding), *_length(folded), *_before(history))
    raises = (*alone, *several)
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
        reasons=(f"用語判定：{own.title}" if named else meant.reason, *(r.reason for r in raises if r.reason)),
        trusted=trusted,
        understood=meant.intent if meant.trusted else "",
        clarified=history.clarified,
        divisible=own.category not in policy.cared_for and not any(r.effect.whole for r in raises),
        only_several=bool(several) and _highest((r.effect.complexity for r in alone), COMPLEXITIES) == "simple",
    )


def _not_ruled_out(
    meant: Meaning, understanding: Understanding, policy: Policy, lexicon: Lexicon, folded: str
) -> Meaning:
    """What was learned, unless the words themselves rule its category out; then the next best guess, unsure."""
    category = policy.of(meant.intent).category
    if understanding.rule or not lexicon.rules_out(category, folded):
        return meant
    others = (intent for intent, _ in understanding.ranking if policy.of(intent).category != category)
    return Meaning(next(others, UNKNOWN), False, f"用語排除：不是{policy.of(meant.intent).title}")


def _named(fired: tuple[Signal, ...], meant: Meaning) -> str:
    """The intent that the words themselves name; some words only where nothing is surely understood."""
    named = next((signal.effect.intent for signal in fired if signal.effect.intent), "")
    if named or meant.trusted:
        return named
    return next((signal.effect.leaning for signal in fired if signal.effect.leaning), "")


def _highest(steps: Iterable[Step], order: tuple[Step, ...]) -> Step:
    return max(steps, key=order.index, default=order[0])


def _own_weight(own: IntentPolicy, trusted: bool) -> list[_Raise]:
    if not trusted:
        return []
    return [_Raise("", Effect(risk=own.risk, complexity=own.complexity, level=own.level))]


def _signals(fired: tuple[Signal, ...]) -> list[_Raise]:
    return [_Raise(f"訊息提到：{signal.title}", signal.effect) for signal in fired]


def _facts(understanding: Understanding) -> list[_Raise]:
    found = {entity.kind for entity in understanding.entities} & set(OF_A_PERSON)
    return [_Raise(f"訊息含有{OF_A_PERSON[kind]}", Effect(risk="high")) for kind in sorted(found)]


def _several(text: str) -> list[_Raise]:
    return [_Raise("一次提出多件事", Effect(complexity="complex"))] if are_linked(text) else []


def _length(folded: str) -> list[_Raise]:
    """Whoever tells a long story wants it read, not a paragraph of an FAQ."""
    letters = sum(char.isascii() for char in folded)
    if len(folded) - letters + letters / 3 < LONG_STORY:
        return []
    return [_Raise("訊息很長，需要有人看完前後經過", Effect(complexity="complex", whole=True))]


def _before(history: History) -> list[_Raise]:
    raises = []
    if history.repeated >= REPEATS:
        effect = Effect(complexity="complex", level="L2", whole=True)
        raises.append(_Raise(f"同一問題已問 {history.repeated} 次", effect))
    if history.tier.lower() == "vip":
        raises.append(_Raise("VIP 顧客", Effect(priority="high")))
    return raises
