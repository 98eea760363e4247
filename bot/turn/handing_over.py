"""What only a person may deal with: one case for it in the turn's transaction, and the words that say so."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from bot import conversations, journal
from bot.dialogue import DEFAULT_LANGUAGE, Replies, replies, titles
from bot.matrix import NO_ENGINE
from bot.messages import Outbound
from bot.models import Conversation
from bot.nlu.policy import load
from bot.nlu.verdict import Judgement, Request, weightiest
from bot.ports import CaseRef, Handoff
from bot.services import Services
from bot.turn import intakes, ordering, remembering, saying

MOODS = {"safety_incident": "hold_care", "complaint": "hold_sorry", "want_human": "hold_human"}
DISTRESS = "distress"
SIGNAL_WORDS = {DISTRESS: "hold_distress", "scam_call": "hold_fraud"}
INTENT_WORDS = {"account_hacked": "hold_fraud"}
RULE_WORDS = {NO_ENGINE: "hold_blind", ordering.AWAY: "hold_orders_away", ordering.UNPROVED: "hold_order_unproved"}
ROUTE_WORDS = {"review": "hold_review", "hybrid": "hold_facts", "human": "hold_facts"}
NO_ANSWER = "沒有已上線的答案"


def hand_over(
    session: Session,
    current: Services,
    conversation: Conversation,
    judged: Judgement,
    left: Sequence[Request],
    found: Mapping[str, Any],
) -> Outbound:
    """Open one case for these requests, and what says so, in the same transaction: owner, case number, promise.

    `found` are facts that the customer did not tell, but the shop's system.
    """
    lead, words = _first_of(left), replies(judged.whole.understanding.language)
    route = "hybrid" if lead.decision.route == "auto" else lead.decision.route
    known = {**intakes.facts(session, conversation), **found}
    case = open_case(session, current, conversation, _handoff(session, conversation, judged, left, route, known))
    hold = words.say(_hold_key(lead, route), promise=case.promise)
    needs = _needs(words, known, left)
    return Outbound(hold.text + ("\n" + words.say("ask_needs", needs=needs).text if needs else ""))


def hold(judged: Judgement, case: CaseRef) -> Outbound:
    """What says that a person has it."""
    lead = judged.lead
    words = replies(judged.whole.understanding.language)
    return words.say(_hold_key(lead, lead.decision.route), promise=case.promise)


def open_case(session: Session, current: Services, conversation: Conversation, handoff: Handoff) -> CaseRef:
    """The case; the customer is not in doubt any more."""
    case = current.wiring.desk.open(session, handoff)
    remembering.understood(conversation)
    journal.write(
        session,
        "turn.handed_over",
        conversation_id=conversation.id,
        route=handoff.route,
        level=handoff.level,
        number=case.number,
        ticket_id=case.ticket_id,
    )
    return case


def trouble(session: Session, current: Services, conversation: Conversation) -> None:
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
            team=load()[0].front_line,
            route="human",
            summary="",
            facts=intakes.facts(session, conversation),
            language=saying.spoken(conversation),
        ),
    )
    if case.opened:
        words = saying.language(conversation)
        saying.hold(session, current, conversation, words.say("hold_trouble", promise=case.promise).text)


def _first_of(left: Sequence[Request]) -> Request:
    """What the case is about: the weightiest request that was understood."""
    return weightiest([one for one in left if one.decision.route != "clarify"])


def in_despair(one: Request) -> bool:
    """Whether somebody must hear who listens day and night, whoever has the case."""
    return DISTRESS in one.assessment.signals


def _hold_key(lead: Request, route: str) -> str:
    decision = lead.decision
    by_matter = INTENT_WORDS.get(decision.intent) or RULE_WORDS.get(decision.rule)
    return _in_need(lead) or by_matter or ROUTE_WORDS[route]


def _in_need(one: Request) -> str:
    """How somebody is spoken to who is in need, or wants a person; empty for a mere matter."""
    despair = (SIGNAL_WORDS[name] for name in one.assessment.signals if name in SIGNAL_WORDS)
    return next(despair, "") or MOODS.get(one.decision.category, "")


def _needs(words: Replies, known: Mapping[str, Any], left: Sequence[Request]) -> str:
    """Facts that an agent will need and that the customer has not given: asked for once, never demanded."""
    if any(_in_need(one) for one in left):
        return ""
    needs = dict.fromkeys(need for one in left for need in one.assessment.needs)
    return "、".join(words.say(f"need_{need}").text for need in needs if need not in known)


def _handoff(
    session: Session,
    conversation: Conversation,
    judged: Judgement,
    left: Sequence[Request],
    route: str,
    known: dict[str, Any],
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
        facts=known,
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
