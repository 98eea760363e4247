"""A form becomes a case: what was told stands in it, what nobody told is named, and what was prepared waits on it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from bot import conversations
from bot.matrix import HUMAN_WISH, LEVELS, PRIORITIES
from bot.models import Conversation
from bot.nlu.verdict import Judgement, Request
from bot.orders.numbers import key
from bot.ports import CaseRef, Handoff
from bot.services import Services
from bot.turn import handing_over, intakes, ordering, preparing, proving
from bot.turn.intakes import Asking

BASIS = ("intent", "category", "level", "priority", "team", "risk", "confidence")
INTAKE_WORDS = {
    "complete": "資料收集完成",
    "person_needed": "收集資料時需要專人",
    "unanswered": "收集資料時問了兩次沒有答到",
    "unproved": "沒有辦法確認是本人，要先核對身分",
    "paused": "收集資料時顧客沒有再回覆",
}


def basis(one: Request) -> dict[str, Any]:
    """What a matter was judged to be, kept until a person gets it."""
    decision = one.decision
    return {
        "intent": decision.intent,
        "category": decision.category,
        "level": decision.level,
        "priority": decision.priority,
        "team": decision.team,
        "risk": one.assessment.risk,
        "confidence": one.understanding.confidence,
        "reasons": list(decision.reasons),
        "text": one.text,
    }


def collected(
    session: Session, current: Services, conversation: Conversation, asking: Asking, why: str, judged: Judgement | None
) -> CaseRef:
    """A case for a form, as far as it was filled; of what came in between (`judged`), if that is the graver matter."""
    matter = asking.row.basis
    reasons = [INTAKE_WORDS[why], *matter["reasons"]]
    if judged is not None:
        matter, reasons = _graver(matter, judged), [*judged.lead.decision.reasons, *reasons]
    proof = proving.proof(session, asking)
    words = intakes.staffs_words()
    lacks = [*asking.lacking(words), *([words.says.prove_title] if asking.form.proves and not proof else [])]
    handoff = Handoff(
        **{name: matter[name] for name in BASIS},
        conversation_id=conversation.id,
        reason=reasons[0][:200],
        reasons=tuple(reasons),
        route=_route(asking, judged),
        summary=conversations.words_of(session, conversation) + (f"\n（尚缺：{'、'.join(lacks)}）" if lacks else ""),
        facts=_facts(asking, intakes.facts(session, conversation)) | ({"identity": proof} if proof else {}),
        language=asking.row.language,
    )
    case = handing_over.open_case(session, current, conversation, handoff)
    if judged is None:
        preparing.prepare(session, current, conversation, asking, case, proof)
    return case


def _facts(asking: Asking, told: Mapping[str, Any]) -> dict[str, Any]:
    """What the shop's system knew of an order goes where he has named another since."""
    found = asking.row.basis["found"]
    named = told.get("order_number")
    other = named and key(str(named)) != key(str(found.get("order_number", "")))
    return dict(told) if other else {**found, **told}


def _route(asking: Asking, judged: Judgement | None) -> str:
    if judged is not None:
        return judged.lead.decision.route
    return "review" if asking.form.proves else "hybrid"


def _graver(matter: Mapping[str, Any], judged: Judgement) -> dict[str, Any]:
    """A wish for a person says how soon, not what about, and neither does an order that was asked after meanwhile;
    anything else that needs one is what the case is about."""
    new = basis(judged.lead)
    most = {
        "level": max(matter["level"], new["level"], key=LEVELS.index),
        "priority": max(matter["priority"], new["priority"], key=PRIORITIES.index),
    }
    beside = judged.lead.decision.category == HUMAN_WISH or judged.lead.decision.rule in ordering.REASONS
    return {**(matter if beside else new), **most}
