"""What would the bot do? Any sentence, judged as a customer's first message by what is live, with the reasons."""

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from bot.nlu.verdict import Request, reach
from bot.ports import Query
from faq.understanding.listing import pieces
from faq.understanding.visit import blueprint, draw, given
from faq.visit import keepers, reading, services

LONGEST = 1000
SECOND = 2


@blueprint.post("/intents/try")
@keepers
def try_text() -> ResponseReturnValue:
    """A part of the page for who types, a page of its own without JavaScript. Nothing is kept of it."""
    text = given("text", LONGEST)
    template = "tried" if "X-Part" in request.headers else "try"
    if not text:
        return draw(template, text="", judged=None)
    judged = reach(services().wiring.nlu, text)
    with reading() as session:
        answer = _answer(session, judged.lead)
    ranking = judged.lead.understanding.ranking
    second = ranking[1] if len(ranking) >= SECOND else None
    return draw(template, text=text, judged=judged, answer=answer, second=second, pieces=pieces)


def _answer(session: Session, lead: Request) -> str:
    """What the customer would read, where the bot answers by itself."""
    answers = services().wiring.answers
    if lead.decision.route != "auto":
        return ""
    found = answers.find(session, Query(lead.text, lead.decision.intent, language=lead.understanding.language))
    return found.message.text if found else ""
