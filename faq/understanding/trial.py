"""What would the bot do? Any sentence, judged as a customer's first message by what is live, with the reasons."""

from dataclasses import dataclass

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from bot.nlu import pointer
from bot.nlu.verdict import Judgement, Request, reach
from bot.ports import Nlu, Query
from faq.understanding.listing import pieces
from faq.understanding.visit import blueprint, draw, given
from faq.visit import keepers, reading, services

LONGEST = 1000
SECOND = 2


@dataclass(frozen=True)
class Tried:
    """A sentence, what is made of it, and of each request what the customer would read where the bot answers itself.

    `live`: the release that is live, whatever understood calls it.
    """

    text: str
    judged: Judgement
    live: int | None
    answers: tuple[str, ...]

    @property
    def lead(self) -> Request:
        return self.judged.lead

    @property
    def answer(self) -> str:
        return self.answers[self.judged.requests.index(self.lead)]

    @property
    def others(self) -> list[tuple[Request, str]]:
        """The requests that weigh less, with their answers."""
        each = zip(self.judged.requests, self.answers, strict=True)
        return [(one, answer) for one, answer in each if one is not self.lead]

    @property
    def place(self) -> tuple[str, str] | None:
        return place(self.lead)

    @property
    def second(self) -> tuple[str, float] | None:
        """The intent that is likeliest after the one that it is taken for."""
        ranking = self.lead.understanding.ranking
        return ranking[1] if len(ranking) >= SECOND else None


@blueprint.post("/intents/try")
@keepers
def try_text() -> ResponseReturnValue:
    """A part of the page for who types, a page of its own without JavaScript. Nothing is kept of it."""
    text = given("text", LONGEST)
    tried = attempt(services().wiring.nlu, text) if text else None
    return draw("tried" if "X-Part" in request.headers else "try", tried=tried, pieces=pieces)


def attempt(nlu: Nlu, text: str) -> Tried:
    """What this understanding makes of a text, under the policy that counts here."""
    judged = reach(nlu, text)
    with reading() as session:
        live = pointer.active(session)
        answers = tuple(_answer(session, one) for one in judged.requests)
        return Tried(text, judged, live.id if live else None, answers)


def place(one: Request) -> tuple[str, str] | None:
    """Level and team, where a person has to see it."""
    decision = one.decision
    return None if decision.route in ("auto", "clarify") else (decision.level, decision.team)


def _answer(session: Session, one: Request) -> str:
    answers = services().wiring.answers
    if one.decision.route != "auto":
        return ""
    found = answers.find(session, Query(one.text, one.decision.intent, language=one.understanding.language))
    return found.message.text if found else ""
