"""What a turn's text means and where it goes; computed outside of transactions, since it may ask a server."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import replace
from functools import partial

from bot import dialogue
from bot.assessment import History
from bot.clock import now
from bot.language import detect, entities, words_of_it
from bot.messages import Inbound
from bot.models import Conversation
from bot.nlu.verdict import Judgement, judged, weighed
from bot.ports import Understanding
from bot.services import Services
from bot.turn import ordering, promoting, remembering, saying, voting

WORDS = ("text", "postback")  # what stands on a tapped button is said like what is typed


def judge(
    current: Services, conversation: Conversation, taken_back: Set[str | None], inbounds: Sequence[Inbound]
) -> Judgement | None:
    """Judge the words of a turn as one text; None where it has none (stickers, pictures, follows, unsends), or only
    says whether an answer helped.

    `taken_back` are ids of messages that must not be read any more.
    """
    gone = taken_back | {i.message_id for i in inbounds if i.what == "unsend"}
    heard = [i for i in inbounds if i.what == "message" and i.message_id not in gone and not voting.is_vote(i.payload)]
    text = _words(i for i in heard if i.kind in WORDS)
    if conversation.source_kind != "user":  # campaigns are for customers, one by one
        return _judged(current, conversation, text) if text else None
    carried = promoting.taps(heard)
    if not text:
        return promoting.tapped(current, carried) if len(carried) == len(heard) else None
    typed = _words(i for i in heard if i.kind == "text")
    return promoting.told_apart(
        current,
        conversation,
        text,
        carried,
        typed,
        lambda: _judged(current, conversation, text),
        partial(_history, conversation),
    )


def _words(inbounds: Iterable[Inbound]) -> str:
    """What they say, a line each."""
    return "\n".join(words for one in inbounds if (words := _said(one)).strip())


def _said(inbound: Inbound) -> str:
    """What is said to us: in company only what is said by our name."""
    return inbound.text if inbound.source_kind == "user" else inbound.asks


def _judged(current: Services, conversation: Conversation, text: str) -> Judgement:
    in_form = remembering.asking(conversation) is not None  # which takes his answers
    asked_otherwise = in_form and not ordering.awaited(conversation, text)
    if conversation.owner == "bot" and not asked_otherwise and (told := _told(current, conversation, text)):
        whole = weighed(told, replace(_history(conversation, told.intent), repeated=0))  # he was asked for it
        return Judgement(whole, (whole,))
    tapped = _tapped(text)
    understanding = tapped or _in_his_language(conversation, current.wiring.nlu.parse([text])[0])
    history = _history(conversation, understanding.intent)
    whole = weighed(understanding, history)
    if tapped or conversation.owner == "human":
        return Judgement(whole, (whole,))
    return judged(current.wiring.nlu, whole, history)


def _told(current: Services, conversation: Conversation, text: str) -> Understanding | None:
    """An order number by itself, or the digits that we asked for, need no guessing either."""
    if not ordering.heard(conversation, text).only or not ordering.takes_numbers(current):
        return None
    language, found = saying.spoken(conversation), entities(text)
    return Understanding(text, ordering.INTENT, 1.0, (), found, language, rule=ordering.TOLD, engine="rules")


def _in_his_language(conversation: Conversation, seen: Understanding) -> Understanding:
    """What shows no language itself is answered in the one that he wrote in before."""
    before = remembering.spoke(conversation, now())
    return replace(seen, language=before) if before and not words_of_it(seen.text) else seen


def _tapped(text: str) -> Understanding | None:
    """A clarifying button sends the words that stand on it: that needs no guessing."""
    intent = dialogue.tapped(text)
    return Understanding(text, intent, 1.0, rule="button", engine="rules", language=detect(text)) if intent else None


def _history(conversation: Conversation, intent: str) -> History:
    tier = conversation.contact.tier if conversation.contact else ""
    clarified, repeated = remembering.clarified(conversation), remembering.asked(conversation, intent, now())
    return History(clarified=clarified, repeated=repeated, tier=tier)
