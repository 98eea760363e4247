"""The verdict on one message, with its reasons.

A wish for a person wins over everything; then overrides; then risk × complexity. What is not understood surely
is asked about once, then goes to a person, unless its words alone already demand one.
"""

from __future__ import annotations  # sibling modules may be named in types only

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.matrix.policy import FRAGMENT, MAYBE_OURS, UNKNOWN, Cell, Level, Override, Policy, Priority, Route, Traffic

if TYPE_CHECKING:
    from bot.assessment import Assessment
    from bot.ports import Understanding

HUMAN_WISH = "want_human"
NO_ENGINE = "no_engine"
# Nobody taps these to say what he meant; a button for a person stands beside the candidates anyway.
NEVER_OFFERED = {UNKNOWN, HUMAN_WISH, "greeting", "thanks_bye", "campaign_reply", "complaint", "safety_incident"}
QUIET: tuple[Traffic, ...] = ("broadcast", "campaign")
CANDIDATES = 3
PLAUSIBLE = 0.08

LEVELS: tuple[Level, ...] = ("L3", "L2", "L1")
PRIORITIES: tuple[Priority, ...] = ("low", "normal", "high", "urgent")
MEANING: dict[Cell, str] = {
    "auto": "機器人可直接回答",
    "hybrid": "先收集資料，再由專人處理",
    "review": "需專人核對後才能處理",
    "human": "立即由專人處理",
}
RISK = {"low": "低風險", "high": "高風險"}
COMPLEXITY = {"simple": "單純", "complex": "複雜"}


@dataclass(frozen=True)
class Decision:
    """What to do. `rule` names the cell or rule that decided, `reasons` tell staff why (zh-TW)."""

    route: Route
    level: Level
    priority: Priority
    team: str
    category: str
    intent: str
    reasons: tuple[str, ...]
    rule: str
    needs: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    traffic: Traffic = "inquiry"


@dataclass(frozen=True)
class _Verdict:
    route: Route
    rule: str
    reason: str
    level: Level = "L3"
    priority: Priority = "low"
    candidates: tuple[str, ...] = ()


def decide(understanding: Understanding, assessment: Assessment, policy: Policy) -> Decision:
    """The route of a message that means `understanding` and weighs `assessment`."""
    verdict = _verdict(understanding, assessment, policy)
    return Decision(
        route=verdict.route,
        level=max(verdict.level, assessment.level, key=LEVELS.index),
        priority=max(verdict.priority, assessment.priority, key=PRIORITIES.index),
        team=assessment.team,
        category=assessment.category,
        intent=assessment.intent,
        reasons=(*assessment.reasons, verdict.reason),
        rule=verdict.rule,
        needs=assessment.needs,
        candidates=verdict.candidates,
        traffic=_traffic(assessment, verdict, policy),
    )


def _traffic(assessment: Assessment, verdict: _Verdict, policy: Policy) -> Traffic:
    """What kind of message it is; campaign words around something that needs a person are an inquiry."""
    traffic = policy.of(assessment.intent).traffic if assessment.trusted else "inquiry"
    return "inquiry" if traffic in QUIET and verdict.route != "auto" else traffic


def _verdict(understanding: Understanding, assessment: Assessment, policy: Policy) -> _Verdict:
    if assessment.understood and policy.of(assessment.understood).category == HUMAN_WISH:
        return _wish(_override(assessment.understood, HUMAN_WISH, policy))
    override = _override(assessment.intent, assessment.category, policy) if assessment.trusted else None
    if override:
        return _Verdict(override.route, override.name, override.reason, override.level, override.priority)
    if assessment.trusted and assessment.category == UNKNOWN and not assessment.signals:
        return _unknown(understanding, assessment, policy)
    cell = policy.matrix.of(assessment.risk, assessment.complexity)
    if assessment.trusted or cell != "auto":
        return _by_matrix(assessment, cell)
    return _unsure(understanding, assessment, policy)


def _unknown(understanding: Understanding, assessment: Assessment, policy: Policy) -> _Verdict:
    """「那個可以嗎」 may well be about us: who says so twice gets a person. Advertising and noise do not.

    The first time he is asked what he means, with guesses where there are some.
    """
    if assessment.clarified and assessment.intent in MAYBE_OURS:
        return _Verdict("human", "unsure_again", f"問過 {assessment.clarified} 次仍不知道是什麼事，轉專人")
    if assessment.intent == FRAGMENT and (candidates := _candidates(understanding, policy)):
        return _Verdict("clarify", "unsure", "話沒說完，先問清楚", candidates=candidates)
    return _Verdict("clarify", UNKNOWN, "不是本店業務，婉拒並請顧客換個說法")


def _wish(override: Override | None) -> _Verdict:
    """A person, whatever the policy says of the wish; its override may only add level and priority."""
    level, priority = (override.level, override.priority) if override else ("L3", "high")
    return _Verdict("human", HUMAN_WISH, "顧客要求真人服務", level, priority)


def _override(intent: str, category: str, policy: Policy) -> Override | None:
    return next((override for override in policy.overrides if override.applies(intent, category)), None)


def _by_matrix(assessment: Assessment, cell: Cell) -> _Verdict:
    weight = f"{RISK[assessment.risk]}、{COMPLEXITY[assessment.complexity]}"
    return _Verdict(cell, f"matrix:{assessment.risk}_{assessment.complexity}", f"{weight}：{MEANING[cell]}")


def _unsure(understanding: Understanding, assessment: Assessment, policy: Policy) -> _Verdict:
    if understanding.blind:
        return _Verdict("human", NO_ENGINE, "讀不了的訊息一律由專人處理")
    if assessment.clarified:
        return _Verdict("human", "unsure_again", f"問過 {assessment.clarified} 次仍不確定意思，轉專人")
    candidates = _candidates(understanding, policy)
    reason = f"把握不足（{understanding.confidence:.2f}，門檻 {understanding.accept:.2f}），先問清楚"
    return _Verdict("clarify", "unsure", reason, candidates=candidates)


def _candidates(understanding: Understanding, policy: Policy) -> tuple[str, ...]:
    """The likeliest meanings that make sense on a button."""
    likely = (intent for intent, probability in understanding.ranking if probability >= PLAUSIBLE)
    offered = [
        intent for intent in likely if intent in policy.intents and policy.intents[intent].category not in NEVER_OFFERED
    ]
    return tuple(offered[:CANDIDATES])
