"""An engine's verdict made an Understanding: facts and language by rule, and phrases that win over learning."""

from dataclasses import replace

from bot.language import detect, entities
from bot.matrix import UNKNOWN
from bot.nlu.calibration import Threshold
from bot.nlu.phrases import Phrases
from bot.nlu.policy import load
from bot.ports import Understanding

NOTHING = "out_of_scope"
RULES = "rules"
NO_MATTER = ("greeting", UNKNOWN)

Ranking = tuple[tuple[str, float], ...]


def understood(
    text: str, ranking: Ranking, threshold: Threshold, phrases: Phrases, engine: str, release: str
) -> Understanding:
    """The understanding of `text` that an engine ranked so."""
    phrase = phrases.first(text, surely=_is_a_matter(ranking[0], threshold))
    if phrase:
        others = tuple(ranked for ranked in ranking if ranked[0] != phrase.intent)
        ranking = ((phrase.intent, 1.0), *others)
    return Understanding(
        text=text,
        intent=ranking[0][0],
        confidence=ranking[0][1],
        ranking=ranking,
        entities=entities(text),
        language=detect(text),
        rule=phrase.name if phrase else "",
        engine=engine,
        release=release,
        accept=threshold.accept,
        margin=threshold.margin,
    )


def _is_a_matter(likeliest: tuple[str, float], threshold: Threshold) -> bool:
    """Whether the classifier is sure of a matter; a greeting, or what is none of our business, is none."""
    intent, confidence = likeliest
    policy = load()[0]
    return confidence >= threshold.accept and policy.of(intent).category not in NO_MATTER


def without_words(text: str, phrases: Phrases) -> Understanding:
    """What can be said of a text that holds nothing to classify."""
    return understood(text, ((NOTHING, 0.0),), Threshold(), phrases, RULES, "")


def by_rules_alone(text: str, phrases: Phrases) -> Understanding:
    """What can be said without a classifier: phrases still decide, of everything else we are blind."""
    found = without_words(text, phrases)
    return replace(found, blind=not found.rule)
