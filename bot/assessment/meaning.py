"""What a message is surely about: one intent, or several that all lead to people.

Whether a late parcel is a matter of the order or of the carrier may stay open, if a person has to look at it in any
case; asking back would only cost the customer time. And whoever may be hurt, or asks for a person, is believed sooner.
"""

from __future__ import annotations  # sibling modules may be named in types only

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.matrix.policy import Policy
    from bot.ports import Understanding


@dataclass(frozen=True)
class Meaning:
    """An intent, whether to act by it, and the words that tell staff why."""

    intent: str
    trusted: bool
    reason: str


def meaning(understanding: Understanding, policy: Policy) -> Meaning:
    """The intent to go by, and whether it is sure."""
    title = policy.of(understanding.intent).title
    if understanding.blind:
        return Meaning(understanding.intent, False, "語意引擎目前無法判讀這則訊息")
    if understanding.rule:
        return Meaning(understanding.intent, True, f"片語判定：{title}")
    if not understanding.sure and (together := _together(understanding, policy)):
        return Meaning(understanding.intent, True, f"語意判定：{title}（同類合計信心 {together:.2f}）")
    reason = f"語意判定：{title}（信心 {understanding.confidence:.2f}）"
    return Meaning(understanding.intent, understanding.sure, reason)


def _together(understanding: Understanding, policy: Policy) -> float:
    """How sure it is that people in need write so, or that a person is needed at all; 0 where neither is enough.

    Only for what goes to people: an answer needs its one intent. The engine's confidence in such an intent already
    is that in its whole category.
    """
    likeliest = understanding.intent
    if policy.route(likeliest) == "auto":
        return 0.0
    category, confidence = policy.of(likeliest).category, understanding.confidence
    if category in policy.cared_for and confidence >= policy.thresholds.care:
        return confidence
    others = (ranked for ranked in understanding.ranking[1:] if policy.of(ranked[0]).category != category)
    persons = confidence + sum(chance for intent, chance in others if policy.route(intent) != "auto")
    return persons if persons >= policy.thresholds.persons else 0.0
