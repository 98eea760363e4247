"""What keeps sentences from being trained on at all: each fault with the sentence and the mend."""

from typing import Any

from bot.nlu import corpus
from bot.nlu.corpus import Corpus
from bot.nlu.lint import lint
from bot.nlu.training_data import FEWEST
from faq.training import Working

STOPS = ("contradiction", "leak", "without_policy")
MOST = 50


def faults(working: Working) -> list[dict[str, Any]]:
    """All that must be mended first; what is merely worth a look stops nobody."""
    policy = working.policy
    found = lint(Corpus(tuple(working.sentences()), corpus.tests(), policy, frozenset(policy.intents)))
    stops = [
        {"check": one.check, "message": one.message} for one in found if one.severity == "error" and one.check in STOPS
    ]
    return [*stops[:MOST], *_lonely(working)]


def _lonely(working: Working) -> list[dict[str, Any]]:
    return [
        {"check": "lonely", "intent": intent, "count": count}
        for intent, count in working.counts.items()
        if count < FEWEST
    ]
