"""What keeps sentences from being trained on, each fault with its mend; and intents that nothing answers yet."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.matrix import answered
from bot.nlu import corpus
from bot.nlu.corpus import Corpus
from bot.nlu.lint import errors
from bot.nlu.training_data import FEWEST
from faq.articles import valid
from faq.models import Article
from faq.training import Working

STOPS = ("contradiction", "leak", "without_policy")
MOST = 50


def faults(working: Working) -> list[dict[str, Any]]:
    """All that must be mended first; what is merely worth a look stops nobody."""
    policy = working.policy
    found = errors(Corpus(tuple(working.sentences()), corpus.tests(), policy, frozenset(policy.intents)))
    stops = [{"check": one.check, "message": one.message} for one in found if one.check in STOPS]
    return [*stops[:MOST], *_lonely(working)]


def unwritten(session: Session, working: Working) -> list[str]:
    """The intents of staff that would be answered automatically, with nothing online to say: those go to a person."""
    automatic = answered(working.policy)
    names = [row["name"] for row in working.new_intents if row["name"] in automatic]
    if not names:
        return []
    online = select(Article.intent).where(Article.intent.in_(names), valid.counting()).distinct()
    written = set(session.scalars(online))
    return [name for name in names if name not in written]


def _lonely(working: Working) -> list[dict[str, Any]]:
    return [
        {"check": "lonely", "intent": intent, "count": count}
        for intent, count in working.counts.items()
        if count < FEWEST
    ]
