"""How a route does something: once a key, in a transaction of its own, as the member of staff whom the token is."""

from collections.abc import Callable
from typing import TypeVar

from flask import Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from bot.api import NotFound, caller, once
from bot.errors import FrontlineError, Refused
from bot.models import Message
from handoff.api.routes import case
from handoff.api.shapes.cases import Case
from handoff.api.showing import said, shown

CREATED = 201
Row = TypeVar("Row")
Result = TypeVar("Result")
Deed = Callable[[Session, int, int], Result]


def change(number: str, deed: Deed[object]) -> Response:
    """Do it to a case, and answer with the case as it is then."""
    me = caller().user_id

    def work(session: Session) -> Case:
        ticket = case(session, number)
        deed(session, ticket.id, me)
        return shown(fresh(session, ticket))

    return once(work)


def make(number: str, deed: Deed[Row], shape: Callable[[Row], BaseModel], status: int = CREATED) -> Response:
    """Do it to a case, and answer with the row that came of it."""
    me = caller().user_id
    return once(lambda session: shape(fresh(session, deed(session, case(session, number).id, me))), status)


def say(number: str, deed: Deed[Message]) -> Response:
    """Do it to a case, and answer with what was said."""
    return make(number, deed, said)


def fresh(session: Session, row: Row) -> Row:
    """A row as it is stored now."""
    session.flush()
    session.refresh(row)
    return row


def arrange(
    deed: Callable[[Session, int], Result], shape: Callable[[Session, Result], BaseModel], status: int = 200
) -> Response:
    """Arrange something of the house. What an operator would be told as a mistake is a refusal here."""
    me = caller().user_id

    def work(session: Session) -> BaseModel:
        try:
            done = deed(session, me)
        except (Refused, NotFound):
            raise
        except FrontlineError as mistake:
            raise Refused(str(mistake)) from mistake
        session.flush()
        return shape(session, done)

    return once(work, status)
