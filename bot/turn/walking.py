"""A scenario tree with a customer: a tapped option leads to the next question or the verdict; other words end it."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from bot.clock import now
from bot.models import Conversation, Message
from bot.ports import Answer, Query
from bot.services import Services
from bot.turn import remembering, saying


def begins(conversation: Conversation, answers: Sequence[Answer]) -> None:
    """Remember where the customer stands, if what was said last asks him to choose."""
    if answers and answers[-1].path is not None:
        remembering.stands(conversation, answers[-1].source, answers[-1].path, now())


def goes_on(session: Session, current: Services, conversation: Conversation, messages: Sequence[Message]) -> bool:
    """Take an option of the step that was asked last; False where these messages are something else."""
    stood = remembering.stood(conversation, now())
    if stood is None:
        return False
    contact = conversation.contact
    query = Query(messages[-1].text, "", name=contact.name if contact else "")
    answer = current.wiring.answers.go_on(session, *stood, query) if len(messages) == 1 else None
    if answer is None:
        return False
    saying.say(session, current, conversation, [answer])
    begins(conversation, [answer])
    return True
