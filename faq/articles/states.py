"""The way of an article: from which state what leads where, and who may do it. One table.

Wording of high risk needs a second person before it goes live: one who approves wording, and did not write this one.
Of the rest its authors may say themselves that it is good.
"""

from collections.abc import Mapping
from typing import NamedTuple

from bot.auth import may
from bot.matrix import Policy
from faq.articles.content import Content
from faq.models import Article

DRAFT, REVIEW, RETURNED, APPROVED, LIVE, RETIRED = "draft", "review", "returned", "approved", "published", "retired"
STATES = (DRAFT, REVIEW, RETURNED, APPROVED, LIVE, RETIRED)
EVERY = frozenset(STATES)
OPEN = frozenset({DRAFT, RETURNED, LIVE, RETIRED})
"""The states in which a draft may be changed; what somebody reviews stays as it is."""


class Move(NamedTuple):
    """`ends` is empty where it depends on what is live and drafted; `told` is what the record calls it.

    `easily`: from there too, where the wording is of low risk. `second`: not by an author, where it is of high.
    """

    begins: frozenset[str]
    ends: str
    told: str
    permission: str = "content.edit"
    easily: frozenset[str] = frozenset()
    second: bool = False
    of_live: bool = False


MOVES: Mapping[str, Move] = {
    "send": Move(frozenset({DRAFT, RETURNED}), REVIEW, "sent"),
    "withdraw": Move(frozenset({REVIEW, APPROVED}), DRAFT, "withdrawn"),
    "return": Move(frozenset({REVIEW, APPROVED}), RETURNED, "returned", "content.approve"),
    "approve": Move(frozenset({REVIEW}), APPROVED, "approved", "content.approve", second=True),
    "publish": Move(frozenset({APPROVED}), LIVE, "published", easily=frozenset({DRAFT, RETURNED})),
    "discard": Move(frozenset({DRAFT, RETURNED}), "", "discarded"),
    "retire": Move(EVERY - {RETIRED}, "", "retired", of_live=True),
}


class Doer(NamedTuple):
    """Who does it."""

    id: int
    role: str


def state(article: Article) -> str:
    """Where it stands; rows of before there were states tell it by whether they are online."""
    return article.state or (LIVE if article.published else DRAFT)


def risky(content: Content, policy: Policy) -> bool:
    """Whether a wrong word does harm: by its intent; without one, by the riskiest of its category, or of all."""
    if content.intent in policy.intents:
        return policy.intents[content.intent].risk == "high"
    alike = [intent for intent in policy.intents.values() if intent.category == content.category]
    return not alike or any(intent.risk == "high" for intent in alike)


def open_moves(article: Article, doer: Doer, *, risky: bool) -> list[str]:
    """What this person may do with it now."""
    return [name for name, move in MOVES.items() if not why_not(move, article, doer, risky=risky)]


def why_not(move: Move, article: Article, doer: Doer, *, risky: bool) -> str:
    """Why it may not be done, as a word; empty where it may."""
    begins = move.begins | (frozenset() if risky else move.easily)
    if state(article) not in begins or (move.of_live and not article.live):
        return "state"
    if not may(doer.role, move.permission):
        return "role"
    if move.second and risky and doer.id in article.authors:
        return "author"
    return ""
