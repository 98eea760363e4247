"""From a judgement to words and deeds, inside the turn's transaction: answer, ask, or hand to a person."""

from typing import Any

from sqlalchemy.orm import Session

from bot.clock import now
from bot.language import words_of_it
from bot.matrix import MAYBE_OURS, UNKNOWN
from bot.models import Conversation, Message
from bot.nlu.verdict import SMALL_TALK, Judgement, Request
from bot.ports import Answer, CaseRef, Learned, Understanding
from bot.services import Services
from bot.turn import (
    albums,
    answering,
    collecting,
    company,
    explaining,
    handing_over,
    labelling,
    ordering,
    overhearing,
    promoting,
    remembering,
    saying,
    voting,
    walking,
)
from bot.turn.ordering import Looked


def respond(
    session: Session,
    current: Services,
    conversation: Conversation,
    messages: list[Message],
    looked: Looked,
) -> None:
    """React to a turn's messages once. Silent where a person or another module holds the conversation."""
    judgement = looked.judgement
    messages = voting.taken(session, current, conversation, messages)
    messages = _ours(session, current, conversation, messages, judgement)
    if not messages or conversation.standby:
        return
    if conversation.source_kind != "user":
        company.respond(session, current, conversation, messages[-1], judgement)
        return
    if judgement is not None:
        labelling.remember(session, conversation, judgement.whole.text)
        _heard_to_speak(conversation, judgement.whole.understanding)
    if _in_human_hands(session, current, conversation, messages, judgement):
        return
    if walking.goes_on(session, current, conversation, messages, judgement):
        return  # a tap is no question of its own
    if judgement is not None:
        remembering.learn(conversation, _told(conversation, judgement, looked), now())
        explaining.explain(session, conversation, messages[-1], judgement)
        ordering.keep(session, conversation, messages[-1], looked)
    if collecting.goes_on(session, current, conversation, messages, looked):
        return
    if judgement is not None:
        _decided(session, current, conversation, messages[-1], judgement, looked)
    elif not albums.went_on(session, messages):
        answering.wordless(session, current, conversation, messages[-1])


def _heard_to_speak(conversation: Conversation, seen: Understanding) -> None:
    """A number, a single word or a tap shows no language: then the one that he wrote in before is his."""
    if seen.rule != "button" and words_of_it(seen.text) and seen.language != remembering.spoke(conversation, now()):
        remembering.speaks(conversation, seen.language, now())


def _ours(
    session: Session,
    current: Services,
    conversation: Conversation,
    messages: list[Message],
    judgement: Judgement | None,
) -> list[Message]:
    """What is left to react to: no case takes it, and no colleague answered it past us."""
    if conversation.source_kind == "user" and not conversation.standby:
        messages = _left_by_the_desk(session, current, conversation, messages, judgement)
        promoting.keep(session, current, conversation, messages, judgement)
    return overhearing.unanswered(session, current, conversation, messages, judgement)


def _decided(
    session: Session,
    current: Services,
    conversation: Conversation,
    message: Message,
    judged: Judgement,
    looked: Looked,
) -> None:
    """A campaign's reply is thanked for; everything else goes its way."""
    if not promoting.thanked(session, current, conversation, judged):
        _route(session, current, conversation, message, judged, looked)


def _told(conversation: Conversation, judged: Judgement, looked: Looked) -> dict[str, Any]:
    """What he tells; who asks after another order while a form is filled does not tell the form's."""
    facts = explaining.facts(judged.whole.understanding)
    beside = remembering.asking(conversation) is not None and (looked.answer is not None or looked.proves)
    return {kind: fact for kind, fact in facts.items() if kind != "order_number"} if beside else facts


def _left_by_the_desk(
    session: Session,
    current: Services,
    conversation: Conversation,
    messages: list[Message],
    judgement: Judgement | None,
) -> list[Message]:
    """The messages without those that quote a case, or answer what the desk asked: it takes these, whoever is owner."""
    learned = explaining.learned(judgement) if judgement is not None else None
    desk = current.wiring.desk
    return [
        message
        for message in messages
        if message.author == "agent" or not desk.join(session, conversation.id, message.id, learned)
    ]


def _in_human_hands(
    session: Session,
    current: Services,
    conversation: Conversation,
    messages: list[Message],
    judgement: Judgement | None,
) -> bool:
    """Whether a case takes these messages: an open one, or a fresh one that the customer takes up again."""
    if conversation.owner == "bot" and _says_little(messages, judgement):
        return False
    learned = explaining.learned(judgement) if judgement is not None else None
    cases = [_taken(session, current, conversation, message, learned) for message in messages]
    again = next((case for case in cases if case is not None and case.opened), None)
    despair = judgement is not None and handing_over.in_despair(judgement.whole)
    if again or (despair and any(cases)):
        key, promise = "hold_distress" if despair else "hold_again", again.promise if again else ""
        saying.hold(session, current, conversation, saying.language(conversation).say(key, promise=promise).text)
    if conversation.owner == "human" and not any(cases):
        # Owned by a person, but no case says so: nobody would look.
        handing_over.trouble(session, current, conversation)
        return True
    return any(cases)


def _taken(
    session: Session, current: Services, conversation: Conversation, message: Message, learned: Learned | None
) -> CaseRef | None:
    """The case that takes a message; who only follows us asks for nothing."""
    if message.kind == "follow":
        unblocked = bool(message.payload.get("unblocked"))
        return current.wiring.desk.came_back(session, conversation.id, unblocked=unblocked)
    return current.wiring.desk.customer_wrote(session, conversation.id, message.id, learned)


def _says_little(messages: list[Message], judgement: Judgement | None) -> bool:
    """Thanks, a greeting, a sticker or a follow do not take a solved case up again."""
    if judgement is not None:
        return judgement.whole.assessment.category in SMALL_TALK and not judgement.whole.assessment.signals
    return all(message.kind in ("follow", "sticker") for message in messages)


def _route(
    session: Session,
    current: Services,
    conversation: Conversation,
    message: Message,
    judged: Judgement,
    looked: Looked,
) -> None:
    """Answer what is safe; the rest goes to a person in one case, or is asked about. Nothing is dropped.

    All of it is said at once, since a reply is free only once.
    """
    found = [
        (one, looked.answer if at == looked.place else answering.find(session, current, conversation, message, one))
        for at, one in enumerate(judged.requests)
    ]
    found = _with_one_question(conversation, found, looked)
    remembering.remember(conversation, [one.decision.intent for one in judged.requests if _repeatable(one)], now())
    answers = [answer for _, answer in found if answer is not None]
    left = [one for one, answer in found if answer is None]
    if not left:
        _remember_doubt(conversation, judged)
        saying.say(session, current, conversation, voting.asking(answers, message, judged))
        walking.begins(conversation, answers)
    elif all(one.decision.route == "clarify" for one in left):
        saying.say(session, current, conversation, answers, answering.question(conversation, message, judged, left[0]))
    elif not collecting.begins(session, current, conversation, judged, left, answers, looked):
        hold = handing_over.hand_over(session, current, conversation, judged, left, looked.facts)
        saying.say(session, current, conversation, answers, hold, speaker="system")


def _with_one_question(
    conversation: Conversation, found: list[tuple[Request, Answer | None]], looked: Looked
) -> list[tuple[Request, Answer | None]]:
    """Where a person has to see to another request, whoever asks after an order is not asked for its number as well.

    Two questions at once get one answer, and what the other was about would be lost.
    """
    others = any(answer is None and one.decision.route != "clarify" for one, answer in found)
    if not others or looked.answer is None or looked.finding is None or looked.finding.result not in ordering.ASKS:
        return found
    remembering.ask_about_order(conversation, "", "", now())
    return [(one, None if at == looked.place else answer) for at, (one, answer) in enumerate(found)]


def _remember_doubt(conversation: Conversation, judged: Judgement) -> None:
    """Who is told that his words are none of our matters may have meant one; a second time a person has him."""
    if any(one.decision.intent in MAYBE_OURS for one in judged.requests):
        remembering.refused(conversation)
    else:
        remembering.understood(conversation)


def _repeatable(one: Request) -> bool:
    """Whether asking it again tells that it was not solved."""
    if one.understanding.rule == ordering.TOLD:
        return False  # he told what he was asked for
    return one.assessment.trusted and one.assessment.category not in (*SMALL_TALK, UNKNOWN)
