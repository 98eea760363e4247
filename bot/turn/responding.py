"""From a judgement to words and deeds, inside the turn's transaction: answer, ask, or hand to a person."""

from typing import Any

from sqlalchemy.orm import Session

from bot import conversations, journal
from bot.dialogue import DEFAULT_LANGUAGE, Replies, replies
from bot.matrix import NO_ENGINE
from bot.messages import LINE_TEXT_UNITS, Button, Outbound, split_text
from bot.models import Conversation, Message
from bot.ports import Answer, CaseRef, Handoff, Learned, Query, Understanding
from bot.services import Services
from bot.turn.judging import Judgement

MOODS = {"safety_incident": "hold_care", "complaint": "hold_sorry", "want_human": "hold_human"}
SMALL_TALK = ("thanks_bye", "greeting")
RULE_WORDS = {NO_ENGINE: "hold_blind"}
ROUTE_WORDS = {"review": "hold_review", "hybrid": "hold_facts", "human": "hold_facts"}


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
    if _in_human_hands(session, current, conversation, messages, judgement):
        return
    if judgement is not None:
        _explain(session, conversation, messages[-1], judgement)
        _route(session, current, conversation, messages[-1], judgement)
    else:
        _wordless(session, current, conversation, messages[-1])


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
    trusted = judged.assessment.trusted or judged.assessment.signals
    return Learned(judged.decision.level if trusted else "L3", _facts(judged.understanding))


def _facts(seen: Understanding) -> dict[str, Any]:
    return {entity.kind: entity.value for entity in seen.entities}


def _says_little(messages: list[Message], judgement: Judgement | None) -> bool:
    """Thanks, a greeting, a sticker or a follow do not take a solved case up again."""
    if judgement is not None:
        return judgement.understanding.intent in SMALL_TALK
    return all(message.kind in ("follow", "sticker") for message in messages)


def _explain(session: Session, conversation: Conversation, message: Message, judged: Judgement) -> None:
    """Every decision can be read later: what was understood, how sure, which rule."""
    seen, decision = judged.understanding, judged.decision
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
        risk=judged.assessment.risk,
        complexity=judged.assessment.complexity,
        cell=decision.rule,
        reasons=list(decision.reasons),
    )


def _route(
    session: Session, current: Services, conversation: Conversation, message: Message, judged: Judgement
) -> None:
    match judged.decision.route:
        case "auto":
            answer = _find_answer(session, current, conversation, message, judged.understanding)
            if answer is None:
                _hand_over(session, current, conversation, judged, "hybrid", "沒有已上線的答案")
            else:
                _answer(session, current, conversation, answer)
        case "clarify":
            _clarify(session, current, conversation, judged)
        case route:
            _hand_over(session, current, conversation, judged, route, "")


def _find_answer(
    session: Session, current: Services, conversation: Conversation, message: Message, seen: Understanding
) -> Answer | None:
    name = conversation.contact.name if conversation.contact else ""
    query = Query(seen.text, seen.intent, name=name, language=seen.language, seed=message.id)
    return current.wiring.answers.find(session, query)


def _answer(session: Session, current: Services, conversation: Conversation, answer: Answer) -> None:
    conversation.state = {**conversation.state, "clarified": 0}
    [first, *_] = _speak(session, current, conversation, answer.message)
    journal.write(
        session,
        "turn.answered",
        conversation_id=conversation.id,
        message_id=first.id,
        source=answer.source,
        version=answer.version,
    )


def _clarify(session: Session, current: Services, conversation: Conversation, judged: Judgement) -> None:
    """At most three guesses and a person; nonsense gets no guesses."""
    words = replies(judged.understanding.language)
    conversation.state = {**conversation.state, "clarified": int(conversation.state.get("clarified", 0)) + 1}
    guesses = [Button(title[:20], title) for title in judged.guesses]
    key = "clarify" if guesses else "refuse"
    _speak(session, current, conversation, words.say(key, [*guesses, words.button("person")]))


def _wordless(session: Session, current: Services, conversation: Conversation, message: Message) -> None:
    """A follow is welcomed; a picture or sticker is acknowledged, with a person one tap away."""
    words = _language(conversation)
    key = "welcome" if message.kind == "follow" else "media"
    name = f"{conversation.contact.name}，" if conversation.contact and conversation.contact.name else ""
    facts = {"name": name, "shop": current.settings.shop_name}
    _speak(session, current, conversation, words.say(key, [words.button("person")], **facts))


def _hand_over(
    session: Session, current: Services, conversation: Conversation, judged: Judgement, route: str, why: str
) -> None:
    """Open the case and say so, in the same transaction: owner, case number, promise."""
    decision, words = judged.decision, replies(judged.understanding.language)
    case = current.wiring.desk.open(session, _handoff(conversation, judged, route, why))
    conversation.state = {**conversation.state, "clarified": 0}
    hold = words.say(_hold_key(judged, route), promise=case.promise)
    needs = _needs(words, judged)
    text = hold.text + ("\n" + words.say("ask_needs", needs=needs).text if needs else "")
    _hold(session, current, conversation, case, text)
    journal.write(
        session,
        "turn.handed_over",
        conversation_id=conversation.id,
        route=route,
        level=decision.level,
        number=case.number,
        ticket_id=case.ticket_id,
    )


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
        ),
    )
    if case.opened:
        words = _language(conversation)
        _hold(session, current, conversation, case, words.say("hold_trouble", promise=case.promise).text)


def _hold(session: Session, current: Services, conversation: Conversation, case: CaseRef, text: str) -> None:
    conversations.say(session, conversation, Outbound(text), speaker="system", sender_name=_bot_name(current))


def _hold_key(judged: Judgement, route: str) -> str:
    decision = judged.decision
    return MOODS.get(decision.category) or RULE_WORDS.get(decision.rule) or ROUTE_WORDS[route]


def _needs(words: Replies, judged: Judgement) -> str:
    """Facts that an agent will need and that the customer has not given: asked for once, never demanded."""
    known = {entity.kind for entity in judged.understanding.entities}
    if judged.decision.category in ("safety_incident", "complaint", "want_human"):
        return ""
    missing = [need for need in judged.assessment.needs if need not in known]
    return "、".join(words.say(f"need_{need}").text for need in missing)


def _handoff(conversation: Conversation, judged: Judgement, route: str, why: str) -> Handoff:
    decision, seen = judged.decision, judged.understanding
    reasons = (*((why,) if why else ()), *decision.reasons)
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
        summary=judged.text[:500],
        facts=_facts(seen),
        confidence=seen.confidence,
    )


def _speak(session: Session, current: Services, conversation: Conversation, message: Outbound) -> list[Message]:
    """Say it, cut to the platform's length; the buttons hang on the last part."""
    parts = split_text(message.text, LINE_TEXT_UNITS)
    outbounds = [Outbound(part) for part in parts[:-1]] + [Outbound(parts[-1], message.buttons)]
    return conversations.say(session, conversation, *outbounds, speaker="bot", sender_name=_bot_name(current))


def _bot_name(current: Services) -> str:
    return f"{current.settings.shop_name}機器人"


def _language(conversation: Conversation) -> Replies:
    """The customer's language where their words do not tell."""
    return replies(conversation.contact.language if conversation.contact else DEFAULT_LANGUAGE)
