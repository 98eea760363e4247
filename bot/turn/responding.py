"""From a judgement to words and deeds, inside the turn's transaction: answer, ask, or hand to a person."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from bot import conversations, journal
from bot.clock import now
from bot.dialogue import DEFAULT_LANGUAGE, LABEL_LIMIT, PERSON, Replies, choices, replies, titles
from bot.matrix import NO_ENGINE, QUIET, UNKNOWN
from bot.messages import LINE_TEXT_UNITS, Button, Outbound, Speaker, split_text
from bot.models import Conversation, Message
from bot.nlu.verdict import SMALL_TALK, Judgement, Request, weightiest
from bot.ports import Answer, CaseRef, Handoff, Learned, Query, Understanding
from bot.services import Services
from bot.turn import labelling, remembering

MOODS = {"safety_incident": "hold_care", "complaint": "hold_sorry", "want_human": "hold_human"}
RULE_WORDS = {NO_ENGINE: "hold_blind"}
ROUTE_WORDS = {"review": "hold_review", "hybrid": "hold_facts", "human": "hold_facts"}
NO_ANSWER = "沒有已上線的答案"
QUOTED = 30  # characters of the customer's words that we repeat when we ask about them


def respond(
    session: Session,
    current: Services,
    conversation: Conversation,
    messages: list[Message],
    judgement: Judgement | None,
) -> None:
    """React to a turn's messages once. Silent where a person or another module holds the conversation."""
    if not messages or conversation.standby or conversation.source_kind != "user":
        return
    if judgement is not None:
        labelling.remember(session, conversation, judgement.whole.text)
    messages = _left_by_the_desk(session, current, conversation, messages, judgement)
    if not messages or _in_human_hands(session, current, conversation, messages, judgement):
        return
    if judgement is not None:
        remembering.learn(conversation, _facts(judgement.whole.understanding), now())
        _explain(session, conversation, messages[-1], judgement)
        _route(session, current, conversation, messages[-1], judgement)
    else:
        _wordless(session, current, conversation, messages[-1])


def _left_by_the_desk(
    session: Session,
    current: Services,
    conversation: Conversation,
    messages: list[Message],
    judgement: Judgement | None,
) -> list[Message]:
    """The messages without those that quote a case, or answer what the desk asked: it takes these, whoever is owner."""
    learned = _learned(judgement) if judgement is not None else None
    desk = current.wiring.desk
    return [message for message in messages if not desk.join(session, conversation.id, message.id, learned)]


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
    learned = _learned(judgement) if judgement is not None else None
    cases = [current.wiring.desk.customer_wrote(session, conversation.id, message.id, learned) for message in messages]
    if again := next((case for case in cases if case is not None and case.opened), None):
        _hold(
            session, current, conversation, again, _language(conversation).say("hold_again", promise=again.promise).text
        )
    if conversation.owner == "human" and not any(cases):
        hand_over_trouble(session, current, conversation)  # owned by a person, but no case says so: nobody would look
        return True
    return any(cases)


def _learned(judged: Judgement) -> Learned:
    """What a person should see at once, whoever owns the conversation."""
    whole = judged.whole
    trusted = whole.assessment.trusted or whole.assessment.signals
    seen = whole.understanding
    return Learned(whole.decision.level if trusted else "L3", _facts(seen), seen.language)


def _facts(seen: Understanding) -> dict[str, Any]:
    return {entity.kind: entity.value for entity in seen.entities}


def _says_little(messages: list[Message], judgement: Judgement | None) -> bool:
    """Thanks, a greeting, a sticker or a follow do not take a solved case up again."""
    if judgement is not None:
        return judgement.whole.assessment.category in SMALL_TALK and not judgement.whole.assessment.signals
    return all(message.kind in ("follow", "sticker") for message in messages)


def _explain(session: Session, conversation: Conversation, message: Message, judged: Judgement) -> None:
    """Every decision can be read later: what was understood, how sure, which rule."""
    seen, decision = judged.whole.understanding, judged.lead.decision
    journal.write(
        session,
        "turn.understood",
        conversation_id=conversation.id,
        message_id=message.id,
        intent=seen.intent,
        confidence=round(seen.confidence, 3),
        accept=seen.accept,
        engine=seen.engine,
        release=seen.release,
        rule=seen.rule,
        ranking=[[i, round(c, 3)] for i, c in seen.ranking[:3]],
    )
    journal.write(
        session,
        "turn.decided",
        conversation_id=conversation.id,
        message_id=message.id,
        route=decision.route,
        level=decision.level,
        risk=judged.lead.assessment.risk,
        complexity=judged.lead.assessment.complexity,
        cell=decision.rule,
        traffic=decision.traffic,
        reasons=list(decision.reasons),
        requests=[[one.decision.intent, one.decision.route] for one in judged.requests],
    )


def _route(
    session: Session, current: Services, conversation: Conversation, message: Message, judged: Judgement
) -> None:
    """Answer what is safe; the rest goes to a person in one case, or is asked about. Nothing is dropped.

    All of it is said at once, since a reply is free only once.
    """
    found = [(one, _find_answer(session, current, conversation, message, one)) for one in judged.requests]
    remembering.remember(conversation, [one.decision.intent for one in judged.requests if _repeatable(one)], now())
    answers = [answer for _, answer in found if answer is not None]
    left = [one for one, answer in found if answer is None]
    if not left:
        remembering.understood(conversation)
        _say(session, current, conversation, answers)
    elif all(one.decision.route == "clarify" for one in left):
        _say(session, current, conversation, answers, _question(conversation, message, judged, left[0]))
    else:
        hold = _hand_over(session, current, conversation, judged, left)
        _say(session, current, conversation, answers, hold, speaker="system")


def _repeatable(one: Request) -> bool:
    """Whether asking it again tells that it was not solved."""
    return one.assessment.trusted and one.assessment.category not in (*SMALL_TALK, UNKNOWN)


def _find_answer(
    session: Session, current: Services, conversation: Conversation, message: Message, one: Request
) -> Answer | None:
    """The published answer to what may be answered; who takes part in a campaign is thanked in any case.

    What is surely not our business is declined in published words where there are some.
    """
    if one.decision.route != "auto" and one.decision.rule != UNKNOWN:
        return None
    seen = one.understanding
    name = conversation.contact.name if conversation.contact else ""
    query = Query(seen.text, one.decision.intent, name=name, language=seen.language, seed=message.id)
    answer = current.wiring.answers.find(session, query)
    if answer is None and one.decision.traffic in QUIET:
        return Answer(replies(seen.language).say("campaign"), source="", version=0)
    return answer


def _question(conversation: Conversation, message: Message, judged: Judgement, one: Request) -> Outbound:
    """At most three guesses and a person; nonsense gets no guesses. What is tapped will label the message."""
    language = judged.whole.understanding.language
    offered = choices(one.decision.candidates, language)
    remembering.unclear(conversation, message.id, offered)
    buttons = [Button(words[:LABEL_LIMIT], words) for words in offered]
    key = "refuse" if not one.decision.candidates else "clarify" if len(judged.requests) == 1 else "clarify_rest"
    return replies(language).say(key, buttons, asked=one.text[:QUOTED])


def _wordless(session: Session, current: Services, conversation: Conversation, message: Message) -> None:
    """A follow is welcomed; a picture or sticker is acknowledged, with a person one tap away."""
    words = _language(conversation)
    key = "welcome" if message.kind == "follow" else "media"
    name = f"{conversation.contact.name}，" if conversation.contact and conversation.contact.name else ""
    facts = {"name": name, "shop": current.settings.shop_name}
    _say(session, current, conversation, [], words.say(key, [words.button(PERSON)], **facts))


def _hand_over(
    session: Session, current: Services, conversation: Conversation, judged: Judgement, left: Sequence[Request]
) -> Outbound:
    """Open one case for these requests, and what says so, in the same transaction: owner, case number, promise."""
    lead, words = _first_of(left), replies(judged.whole.understanding.language)
    route = "hybrid" if lead.decision.route == "auto" else lead.decision.route
    case = current.wiring.desk.open(session, _handoff(session, conversation, judged, left, route))
    remembering.understood(conversation)
    journal.write(
        session,
        "turn.handed_over",
        conversation_id=conversation.id,
        route=route,
        level=lead.decision.level,
        number=case.number,
        ticket_id=case.ticket_id,
    )
    hold = words.say(_hold_key(lead, route), promise=case.promise)
    needs = _needs(words, remembering.facts(conversation, now()), left)
    return Outbound(hold.text + ("\n" + words.say("ask_needs", needs=needs).text if needs else ""))


def _first_of(left: Sequence[Request]) -> Request:
    """What the case is about: the weightiest request that was understood."""
    return weightiest([one for one in left if one.decision.route != "clarify"])


def hand_over_trouble(session: Session, current: Services, conversation: Conversation) -> None:
    """The engine could not digest a message: a person gets it, and the customer hears so."""
    if conversation.standby or conversation.source_kind != "user":
        return
    reason = "系統處理這則訊息時失敗，原始內容已保存"
    case = current.wiring.desk.open(
        session,
        Handoff(
            conversation.id,
            reason,
            (reason,),
            intent="",
            category="out_of_scope",
            level="L2",
            priority="high",
            team="frontline",
            route="human",
            summary="",
            language=_spoken(conversation),
        ),
    )
    if case.opened:
        words = _language(conversation)
        _hold(session, current, conversation, case, words.say("hold_trouble", promise=case.promise).text)


def _hold(session: Session, current: Services, conversation: Conversation, case: CaseRef, text: str) -> None:
    conversations.say(session, conversation, Outbound(text), speaker="system", sender_name=_bot_name(current))


def _hold_key(lead: Request, route: str) -> str:
    decision = lead.decision
    return MOODS.get(decision.category) or RULE_WORDS.get(decision.rule) or ROUTE_WORDS[route]


def _needs(words: Replies, known: Mapping[str, Any], left: Sequence[Request]) -> str:
    """Facts that an agent will need and that the customer has not given: asked for once, never demanded."""
    if any(one.decision.category in MOODS for one in left):
        return ""
    needs = dict.fromkeys(need for one in left for need in one.assessment.needs)
    return "、".join(words.say(f"need_{need}").text for need in needs if need not in known)


def _handoff(
    session: Session, conversation: Conversation, judged: Judgement, left: Sequence[Request], route: str
) -> Handoff:
    """With all that the customer said and told in this episode, not in his last message alone."""
    lead, seen = _first_of(left), judged.whole.understanding
    decision = lead.decision
    unwritten = (NO_ANSWER,) if decision.route == "auto" else ()
    reasons = (*unwritten, *decision.reasons, *_besides(judged, lead, left))
    return Handoff(
        conversation_id=conversation.id,
        reason=reasons[0][:200] if reasons else "",
        reasons=reasons,
        intent=decision.intent,
        category=decision.category,
        level=decision.level,
        priority=decision.priority,
        team=decision.team,
        route=route,
        summary=conversations.words_of(session, conversation),
        facts=remembering.facts(conversation, now()),
        confidence=lead.understanding.confidence,
        risk=lead.assessment.risk,
        language=seen.language,
    )


def _besides(judged: Judgement, lead: Request, left: Sequence[Request]) -> list[str]:
    """The other requests of the same message: which wait for the person too, and which the bot has answered."""
    told = []
    for one in judged.requests:
        if one is not lead:
            state = "同一則訊息也要處理" if one in left else "機器人已回答"
            told.append(f"{state}：{titles(DEFAULT_LANGUAGE).get(one.decision.intent, one.decision.intent)}")
    return told


def _say(
    session: Session,
    current: Services,
    conversation: Conversation,
    answers: Sequence[Answer],
    last: Outbound | None = None,
    speaker: Speaker = "bot",
) -> None:
    """Say the answers, and what comes after them; the journal tells which article each came from."""
    outbounds: list[Outbound] = []
    begins = []
    for answer in answers:
        begins.append(len(outbounds))
        outbounds += _parts(answer.message)
    outbounds += _parts(last) if last else []
    said = conversations.say(session, conversation, *outbounds, speaker=speaker, sender_name=_bot_name(current))
    for answer, at in zip(answers, begins, strict=True):
        if answer.source:
            _tell_answered(session, said[at], answer)


def _tell_answered(session: Session, message: Message, answer: Answer) -> None:
    journal.write(
        session,
        "turn.answered",
        conversation_id=message.conversation_id,
        message_id=message,
        source=answer.source,
        version=answer.version,
    )


def _parts(message: Outbound) -> list[Outbound]:
    """The message cut to the platform's length; the buttons hang on the last part."""
    parts = split_text(message.text, LINE_TEXT_UNITS)
    return [*(Outbound(part) for part in parts[:-1]), Outbound(parts[-1], message.buttons)]


def _bot_name(current: Services) -> str:
    return f"{current.settings.shop_name}機器人"


def _language(conversation: Conversation) -> Replies:
    """The customer's language where their words do not tell."""
    return replies(_spoken(conversation))


def _spoken(conversation: Conversation) -> str:
    return conversation.contact.language if conversation.contact else DEFAULT_LANGUAGE
