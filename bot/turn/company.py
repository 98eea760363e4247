"""Groups and rooms: who calls us by our name there hears what all may read. Anything else is for him alone."""

from sqlalchemy.orm import Session

from bot.dialogue import replies
from bot.models import Conversation, Message
from bot.nlu.verdict import Judgement
from bot.services import Services
from bot.turn import answering, explaining, saying


def respond(
    session: Session, current: Services, conversation: Conversation, message: Message, judged: Judgement | None
) -> None:
    """Nothing where nobody called us. No case begins here: nobody knows whose it would be."""
    if judged is None:
        return
    explaining.explain(session, conversation, message, judged)
    asked = [one for one in judged.requests if one.decision.route == "auto"]
    found = [answering.find(session, current, conversation, message, one) for one in asked]
    answers = [answer for answer in found if answer is not None]
    words = replies(judged.whole.understanding.language)
    alone = words.say("alone") if len(answers) < len(judged.requests) else None
    saying.say(session, current, conversation, answers, alone)
