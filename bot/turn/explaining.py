"""What a turn understood, as others read it: the journal, whoever has the case, the facts on its cover."""

from typing import Any

from sqlalchemy.orm import Session

from bot import journal
from bot.models import Conversation, Message
from bot.nlu import policy
from bot.nlu.verdict import Judgement
from bot.ports import Learned, Understanding
from bot.turn import promoting

DECIDED = "turn.decided"


def explain(session: Session, conversation: Conversation, message: Message, judged: Judgement) -> None:
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
        DECIDED,
        conversation_id=conversation.id,
        message_id=message.id,
        route=decision.route,
        level=decision.level,
        risk=judged.lead.assessment.risk,
        complexity=judged.lead.assessment.complexity,
        cell=decision.rule,
        traffic=promoting.traffic_of(judged),
        policy=policy.version(),
        release=policy.release(),
        reasons=[*decision.reasons, *promoting.why(judged)],
        requests=[[one.decision.intent, one.decision.route] for one in judged.requests],
    )


def learned(judged: Judgement) -> Learned:
    """What a person should see at once, whoever owns the conversation."""
    whole = judged.whole
    trusted = whole.assessment.trusted or whole.assessment.signals
    seen = whole.understanding
    return Learned(whole.decision.level if trusted else "L3", facts(seen), seen.language)


def facts(seen: Understanding) -> dict[str, Any]:
    """What can be read in the words without learning: numbers, amounts, dates."""
    return {entity.kind: entity.value for entity in seen.entities}
