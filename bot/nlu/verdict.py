"""What a text means and where it goes: understood, weighed, decided, and each thing it asks for by itself.

The one way for customers' turns, for `frontline nlu parse` and for evaluation: figures are those of the product.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.assessment import Assessment, History, assess
from bot.language import are_linked, is_list, is_question, requests
from bot.matrix import Decision, decide
from bot.nlu.policy import load
from bot.ports import Nlu, Understanding

MOST = 4  # who asks for more in one message gets a person: the bot would lose some of it
WEIGHT = ("auto", "clarify", "hybrid", "review", "human")
LEVELS = ("L3", "L2", "L1")
MANY_REQUESTS = "many_requests"
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
    """A text, and all that it asks for, in order: one request, or several to be served each.

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


def reach(nlu: Nlu, text: str) -> Judgement:
    """The judgement of a first message: nothing was said before it, and nobody known says it."""
    return judged(nlu, weighed(nlu.parse([text])[0], History()), History())


def weighed(understanding: Understanding, history: History) -> Request:
    """What was understood, weighed and decided as one request."""
    policy, lexicon = load()
    assessment = assess(understanding.text, understanding, policy, lexicon, history)
    return Request(understanding.text, understanding, assessment, decide(understanding, assessment, policy))


def judged(nlu: Nlu, whole: Request, history: History) -> Judgement:
    """The whole, and the requests in it if it may be divided."""
    parts = _several(nlu, whole, history) if whole.assessment.divisible else ()
    return Judgement(whole, parts or (whole,))


def _several(nlu: Nlu, whole: Request, history: History) -> tuple[Request, ...]:
    """The requests in the parts of a text; none where they are one matter. Who is in need anywhere decides for all."""
    parts = list(dict.fromkeys(requests(whole.text)))  # who repeats himself asks for one thing
    if len(parts) < 2:
        return ()
    if len(parts) > MOST:
        return (_for_a_person(whole),)
    each = [weighed(understanding, replace(history, repeated=0)) for understanding in nlu.parse(parts)]
    found = [one for one in each if not _only_sounds_so(one, whole)]
    if in_need := [one for one in found if _in_need(one)]:
        return (weightiest(in_need),)
    listed = is_list(whole.text)
    return _served([one for one in found if _counts(one, listed)], whole)


def _in_need(one: Request) -> bool:
    return one.assessment.trusted and not one.assessment.divisible


def _only_sounds_so(one: Request, whole: Request) -> bool:
    """Whether a part sounds like somebody in need, without a word of it, in a text that is surely understood."""
    told = one.understanding.rule or one.assessment.signals
    return _in_need(one) and whole.assessment.trusted and not told


def _served(those: Sequence[Request], whole: Request) -> tuple[Request, ...]:
    """These requests, each for itself; the whole where its parts make less of it, or too much is in doubt."""
    sure = [one for one in those if one.assessment.trusted]
    meant = {one.decision.intent for one in sure}
    doubts = [one for one in those if not one.assessment.trusted and one.decision.intent not in meant]
    if not are_linked(whole.text) and _lost(whole, sure):
        return ()
    if sure and len(doubts) > 1:
        return (_for_a_person(whole),)  # only one can be asked about
    kept = {id(one) for matter in _matters(sure) for one in matter} | {id(one) for one in doubts if sure}
    distinct = tuple(one for one in those if id(one) in kept)
    if _weighs_more(whole, distinct) or len(distinct) < 2:
        return ()
    return distinct


def _lost(whole: Request, sure: Sequence[Request]) -> bool:
    """Whether the whole is surely understood, and the only matter that its parts surely name is another one, which
    nobody asks for by itself.

    「可以同一個單號，一起寄回給你們嗎」 is about sending back; its beginning alone asks after an order.
    """
    named = {one.decision.category for one in sure}
    asked = any(is_question(one.text) or one.decision.route != "auto" for one in sure)
    return whole.assessment.trusted and len(named) == 1 and whole.decision.category not in named and not asked


def _weighs_more(whole: Request, parts: Sequence[Request]) -> bool:
    """Whether the whole surely needs a person, and no part by itself tells so.

    That it asks for several things is no reason, once they are told apart.
    """
    weight = whole.assessment
    return (
        weight.trusted
        and not (weight.only_several and weight.risk == "low")
        and whole.decision.route not in ("auto", "clarify")
        and all(one.decision.route == "auto" for one in parts)
    )


def _for_a_person(whole: Request) -> Request:
    """More is asked than can be told apart: a person reads it all."""
    if whole.decision.route not in ("auto", "clarify"):
        return whole
    reasons = (*whole.decision.reasons, "一則訊息問了許多事，由專人一次處理")
    return replace(whole, decision=replace(whole.decision, route="hybrid", rule=MANY_REQUESTS, reasons=reasons))


def _counts(one: Request, listed: bool) -> bool:
    """Small talk and what is none of our business ask for nothing; what is not understood counts if it asks.

    Every point of a list asks.
    """
    if one.assessment.trusted:
        return one.assessment.category not in SMALL_TALK and one.decision.route != "clarify"
    return listed or is_question(one.text)


def _matters(sure: Sequence[Request]) -> Iterator[list[Request]]:
    """The requests of each category: all of its answers, or the weightiest if a person has to see to one."""
    for category in dict.fromkeys(one.decision.category for one in sure):
        alike = [one for one in sure if one.decision.category == category]
        if all(one.decision.route == "auto" for one in alike):
            yield list({one.decision.intent: one for one in reversed(alike)}.values())
        else:
            yield [weightiest(alike)]
