"""One text on the whole way that a customer's takes: understood, weighed, decided."""

from dataclasses import dataclass

from bot.assessment import Assessment, assess
from bot.matrix import Decision, decide
from bot.nlu.policy import load
from bot.ports import Nlu, Understanding


@dataclass(frozen=True)
class Verdict:
    """What a text means, how much it weighs, and where it goes."""

    understanding: Understanding
    assessment: Assessment
    decision: Decision


def reach(nlu: Nlu, text: str) -> Verdict:
    """The verdict on a first message: nothing was said before it, and nobody known says it."""
    policy, lexicon = load()
    understanding = nlu.parse([text])[0]
    assessment = assess(text, understanding, policy, lexicon)
    return Verdict(understanding, assessment, decide(understanding, assessment, policy))
