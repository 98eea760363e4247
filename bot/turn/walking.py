"""A scenario tree with a customer: a tapped option leads to the next question or the verdict; other words end it."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from bot import journal
from bot.clock import now
from bot.matrix import HUMAN_WISH
from bot.models import Conversation, Message
from bot.nlu.policy import load
from bot.nlu.verdict import Judgement
from bot.ports import Answer
from bot.services import Services
from bot.turn import answering, remembering, saying


def begins(conversation: Conversation, answers: Sequence[Answer]) -> None:
    """Remember where the customer stands, if what was said last asks him to choose."""
    if answers and answers[-1].path is not None:
        remembering.stands(conversation, answers[-1].source, answers[-1].path, now())


def goes_on(
    session: Session,
    current: Services,
    conversation: Conversation,
    messages: Sequence[Message],
    judgement: Judgement | None,
) -> bool:
    """Take an option of the step that was asked last; False where these messages are something else.

    Also where the option's own words need a person, whatever its tree advises: "it smokes" is no answer to a form.
    """
    stood = remembering.stood(conversation, now())
    if stood is None or len(messages) != 1 or (judgement is not None and _needs_a_person(judgement)):
        return False
    tapped = messages[0]
    asked = answering.query(session, current, conversation, tapped.text, "")
    answer = current.wiring.answers.go_on(session, *stood, asked)
    if answer is None:
        return False
    journal.write(session, "turn.walked", conversation_id=conversation.id, message_id=tapped.id, source=answer.source)
    saying.say(session, current, conversation, [answer])
    begins(conversation, [answer])
    return True


def _needs_a_person(judgement: Judgement) -> bool:
    """Whether it tells of danger or of somebody in need, or is a wish for a person; that nobody understood is not."""
    lead, policy = judgement.lead, load()[0]
    cared_for = lead.decision.category in policy.cared_for or lead.decision.rule == HUMAN_WISH
    return lead.decision.route == "human" and (cared_for or bool(lead.assessment.signals))
