"""What is counted: a name, and of which turns it is true. The same condition counts them and lists them."""

from collections import Counter

from sqlalchemy import ColumnElement, and_, not_, true

from faq.models import BotTurn

_answered = BotTurn.fate == "answered"
MEASURES: dict[str, ColumnElement[bool]] = {
    "all": true(),
    "answered": _answered,
    "contained": and_(_answered, not_(BotTurn.handed), BotTurn.wrong == "", BotTurn.helped.is_not(False)),
    "handed": BotTurn.handed.is_(True),
    "fallback": BotTurn.fate.in_(("asked", "given_up", "unwritten")),
    "asked": BotTurn.fate == "asked",
    "cleared": BotTurn.cleared.is_(True),
    "wrong": BotTurn.wrong != "",
    "voted": BotTurn.helped.is_not(None),
    "unhelpful": BotTurn.helped.is_(False),
}
OF = {"cleared": "asked", "unhelpful": "voted"}
"""What a share is a share of, where that is not everything."""


def share(counts: Counter[str], name: str) -> float | None:
    """How much of what it could have been. A question that was cleared up counts by what it turned out to be."""
    base = counts[OF[name]] if name in OF else counts["all"] - (counts["cleared"] if name == "contained" else 0)
    return counts[name] / base if base else None
