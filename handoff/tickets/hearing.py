"""What a call is about: its note is judged like a customer's message, and whoever heard the call may say more."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from bot import services
from bot.errors import Refused
from bot.matrix import UNKNOWN, Policy
from bot.models import Conversation
from bot.nlu.policy import load
from bot.nlu.verdict import Judgement, Request, reach
from bot.ports import Handoff
from handoff.models import Ticket
from handoff.tickets import grading
from handoff.tickets.actions import written


@dataclass(frozen=True)
class Heard:
    """The note, its judgement, and the level and category that the colleague on the phone set, if any."""

    text: str
    judged: Judgement
    level: str = ""
    category: str = ""


def heard(text: str, level: str = "", category: str = "") -> Heard:
    """Judge a note. Not within a transaction: the engine may be a server that has to be asked."""
    return Heard(text, reach(services.current().wiring.nlu, text), level, category)


def land(session: Session, ticket: Ticket, call: Heard, user_id: int) -> None:
    """A live case learns from a call: facts, and that it is more urgent."""
    ticket.facts = {**ticket.facts, **_facts(call)}
    grading.raise_to(session, ticket, _level(call), user_id=user_id, why="called")


def opens(conversation: Conversation, number: str, call: Heard) -> Handoff:
    """The case that a caller gets who has none."""
    policy, one = load()[0], call.judged.lead
    category = _category(policy, call)
    level = min(_level(call), grading.demanded(policy, category))
    by_hand = (f"由接電話的同事定為 {level}",) if call.level == level else ()
    return Handoff(
        conversation_id=conversation.id,
        reason="電話進線",
        reasons=("電話進線", *by_hand, *one.assessment.reasons),
        intent=one.decision.intent if _sure(one) and one.decision.category == category else "",
        category=category,
        level=level,
        priority=min(grading.BY_LEVEL[level], one.decision.priority, key=grading.PRIORITIES.index),
        team=_team(policy, category),
        route="human",
        summary=written(call.text)[:500],
        facts={**_facts(call), "phone": number},
        risk=one.assessment.risk,
    )


def _level(call: Heard) -> str:
    """As urgent as the words say, or as the colleague says who heard them; never less than the words."""
    found = min(one.decision.level if _sure(one) else "L3" for one in (call.judged.whole, call.judged.lead))
    if call.level not in ("", *grading.LEVELS):
        raise Refused("等級是 L1 到 L3，優先順序是緊急、高、一般或低。")
    if call.level > found:
        raise Refused("照內容至少是 %(level)s。先這樣記下，要降低再請二線或主管改。", level=found)
    return call.level or found


def _category(policy: Policy, call: Heard) -> str:
    if call.category:
        grading.require_category(policy, call.category)
        return call.category
    return call.judged.lead.decision.category if _sure(call.judged.lead) else UNKNOWN


def _team(policy: Policy, category: str) -> str:
    """The team that takes most kinds of this category first."""
    return next((intent.team for intent in policy.intents.values() if intent.category == category), policy.front_line)


def _sure(one: Request) -> bool:
    return one.assessment.trusted or bool(one.assessment.signals)


def _facts(call: Heard) -> dict[str, Any]:
    return {entity.kind: entity.value for entity in call.judged.whole.understanding.entities}
