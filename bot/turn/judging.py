"""What a turn's text means and where it goes; computed outside of transactions, since it may ask a server."""

from collections.abc import Sequence, Set
from dataclasses import dataclass

from bot.assessment import Assessment, History, assess
from bot.matrix import Decision, Policy, decide
from bot.messages import Inbound
from bot.models import Conversation
from bot.nlu.policy import load
from bot.ports import Understanding
from bot.services import Services


@dataclass(frozen=True)
class Judgement:
    """A text with what was understood, assessed and decided; `guesses` are titles to choose from."""

    text: str
    understanding: Understanding
    assessment: Assessment
    decision: Decision
    guesses: tuple[str, ...] = ()


def judge(
    current: Services, conversation: Conversation, taken_back: Set[str | None], inbounds: Sequence[Inbound]
) -> Judgement | None:
    """Judge the words of a turn as one text; None where it has none (stickers, pictures, follows, unsends).

    `taken_back` are ids of messages that must not be read any more.
    """
    gone = taken_back | {i.message_id for i in inbounds if i.what == "unsend"}
    spoken = (i.text for i in inbounds if i.what == "message" and i.kind == "text" and i.message_id not in gone)
    text = "\n".join(words for words in spoken if words.strip())
    if not text:
        return None
    policy, lexicon = load()
    understanding = _tapped(text, policy) or current.wiring.nlu.parse([text])[0]
    assessment = assess(text, understanding, policy, lexicon, _history(conversation))
    decision = decide(understanding, assessment, policy)
    guesses = tuple(policy.intents[intent].title for intent in decision.candidates)
    return Judgement(text, understanding, assessment, decision, guesses)


def _tapped(text: str, policy: Policy) -> Understanding | None:
    """A clarifying button sends its intent's title: that needs no guessing."""
    for intent, own in policy.intents.items():
        if own.title == text.strip():
            return Understanding(text, intent, 1.0, rule="button", engine="rules")
    return None


def _history(conversation: Conversation) -> History:
    tier = conversation.contact.tier if conversation.contact else ""
    return History(clarified=int(conversation.state.get("clarified", 0)), tier=tier)
