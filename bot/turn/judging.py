"""What a turn's text means and where it goes; computed outside of transactions, since it may ask a server."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace

from bot import dialogue
from bot.assessment import Assessment, History, assess
from bot.clock import now
from bot.language import detect, is_question, requests
from bot.matrix import Decision, decide
from bot.messages import Inbound
from bot.models import Conversation
from bot.nlu.policy import load
from bot.ports import Understanding
from bot.services import Services
from bot.turn import remembering

MOST = 4  # who asks for more in one message gets a person: the bot would lose some of it
WEIGHT = ("auto", "clarify", "hybrid", "review", "human")
LEVELS = ("L3", "L2", "L1")
SMALL_TALK = ("greeting", "thanks_bye", "campaign_reply")


@dataclass(frozen=True)
class Request:
    """One thing that is asked, with what was understood, assessed and decided."""

    text: str
    understanding: Understanding
    assessment: Assessment
    decision: Decision


@dataclass(frozen=True)
class Judgement:
    """The words of a turn, and all that they ask for, in order: one request, or several to be served each.

    `whole` is the text understood as one.
    """

    whole: Request
    requests: tuple[Request, ...]

    @property
    def lead(self) -> Request:
        """The weightiest request."""
        return weightiest(self.requests)


def weightiest(those: Sequence[Request]) -> Request:
    """The request that decides who has to look at them all."""
    return max(those, key=lambda one: (WEIGHT.index(one.decision.route), LEVELS.index(one.decision.level)))


def judge(
    current: Services, conversation: Conversation, taken_back: Set[str | None], inbounds: Sequence[Inbound]
) -> Judgement | None:
    """Judge the words of a turn as one text; None where it has none (stickers, pictures, follows, unsends).

    `taken_back` are ids of messages that must not be read any more.
    """
    gone = taken_back | {i.message_id for i in inbounds if i.what == "unsend"}
    spoken = (i.text for i in inbounds if i.what == "message" and i.kind == "text" and i.message_id not in gone)
    text = "\n".join(words for words in spoken if words.strip())
    return _judged(current, conversation, text) if text else None


def _judged(current: Services, conversation: Conversation, text: str) -> Judgement:
    tapped = _tapped(text)
    understanding = tapped or current.wiring.nlu.parse([text])[0]
    history = _history(conversation, understanding.intent)
    whole = _weighed(understanding, history)
    alone = tapped or conversation.owner == "human" or not whole.assessment.divisible
    return Judgement(whole, (not alone and _several(current, whole, history)) or (whole,))


def _tapped(text: str) -> Understanding | None:
    """A clarifying button sends the words that stand on it: that needs no guessing."""
    intent = dialogue.tapped(text)
    return Understanding(text, intent, 1.0, rule="button", engine="rules", language=detect(text)) if intent else None


def _history(conversation: Conversation, intent: str) -> History:
    tier = conversation.contact.tier if conversation.contact else ""
    clarified, repeated = remembering.clarified(conversation), remembering.asked(conversation, intent, now())
    return History(clarified=clarified, repeated=repeated, tier=tier)


def _weighed(understanding: Understanding, history: History) -> Request:
    policy, lexicon = load()
    assessment = assess(understanding.text, understanding, policy, lexicon, history)
    return Request(understanding.text, understanding, assessment, decide(understanding, assessment, policy))


def _several(current: Services, whole: Request, history: History) -> tuple[Request, ...]:
    """The requests in the parts of a text; none where they are one matter. Who is in need anywhere decides for all."""
    parts = list(dict.fromkeys(requests(whole.text)))  # who repeats himself asks for one thing
    if len(parts) < 2:
        return ()
    if len(parts) > MOST:
        return (_for_a_person(whole),)
    weighed = [_weighed(found, replace(history, repeated=0)) for found in current.wiring.nlu.parse(parts)]
    if in_need := [one for one in weighed if one.assessment.trusted and not one.assessment.divisible]:
        return (weightiest(in_need),)
    return _served([one for one in weighed if _counts(one)], whole)


def _served(those: Sequence[Request], whole: Request) -> tuple[Request, ...]:
    """These requests, each for itself; the whole where its parts make less of it, or too much is in doubt."""
    sure = [one for one in those if one.assessment.trusted]
    meant = {one.decision.intent for one in sure}
    doubts = [one for one in those if not one.assessment.trusted and one.decision.intent not in meant]
    if sure and len(doubts) > 1:
        return (_for_a_person(whole),)  # only one can be asked about
    kept = {id(one) for matter in _matters(sure) for one in matter} | {id(one) for one in doubts if sure}
    distinct = tuple(one for one in those if id(one) in kept)
    if _weighs_more(whole, distinct) or len(distinct) < 2:
        return ()
    return distinct


def _weighs_more(whole: Request, parts: Sequence[Request]) -> bool:
    """Whether the whole surely needs a person, and no part by itself tells so."""
    return (
        whole.assessment.trusted
        and whole.decision.route not in ("auto", "clarify")
        and all(one.decision.route == "auto" for one in parts)
    )


def _for_a_person(whole: Request) -> Request:
    """More is asked than can be told apart: a person reads it all."""
    if whole.decision.route not in ("auto", "clarify"):
        return whole
    reasons = (*whole.decision.reasons, "一則訊息問了許多事，由專人一次處理")
    return replace(whole, decision=replace(whole.decision, route="hybrid", rule="many_requests", reasons=reasons))


def _counts(one: Request) -> bool:
    """Small talk and what is none of our business ask for nothing; what is not understood counts if it asks."""
    if one.assessment.trusted:
        return one.assessment.category not in SMALL_TALK and one.decision.route != "clarify"
    return is_question(one.text)


def _matters(sure: Sequence[Request]) -> Iterator[list[Request]]:
    """The requests of each category: all of its answers, or the weightiest if a person has to see to one."""
    for category in dict.fromkeys(one.decision.category for one in sure):
        alike = [one for one in sure if one.decision.category == category]
        if all(one.decision.route == "auto" for one in alike):
            yield list({one.decision.intent: one for one in reversed(alike)}.values())
        else:
            yield [weightiest(alike)]
