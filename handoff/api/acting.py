"""What a program may do with a case: the named actions of the desk, under its own name. All may be repeated by key."""

import uuid
from collections.abc import Callable

from flask import Response, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.api import allow, answers, caller, once, spec
from bot.api.idempotency import HEADER
from bot.errors import Refused
from bot.models import Message, User
from handoff import tickets
from handoff.api.routes import blueprint, case
from handoff.api.shapes import Case, Note, Reply, Said, Seen, Transfer, Why
from handoff.models import Team, Ticket

act = allow("desk.work")
Deed = Callable[[Session, int, int], object]


@blueprint.post("/tickets/<number>/claim")
@act
@spec.validate(resp=answers(HTTP_200=Case), tags=("tickets",))
def claim(number: str) -> Response:
    """Take a case that nobody has."""
    return _do(number, tickets.claim)


@blueprint.post("/tickets/<number>/reply")
@act
@spec.validate(resp=answers(HTTP_201=Said), tags=("tickets",))
def reply(number: str, json: Reply) -> Response:
    """Send words to the customer; refused when the customer has written since."""
    return _say(number, lambda s, ticket, me: tickets.reply(s, ticket, me, json.text, _click(), json.seen_message_id))


@blueprint.post("/tickets/<number>/note")
@act
@spec.validate(resp=answers(HTTP_201=Said), tags=("tickets",))
def note(number: str, json: Note) -> Response:
    """Write a note for colleagues."""
    return _say(number, lambda s, ticket, me: tickets.note(s, ticket, me, json.text))


@blueprint.post("/tickets/<number>/transfer")
@act
@spec.validate(resp=answers(HTTP_200=Case), tags=("tickets",))
def transfer(number: str, json: Transfer) -> Response:
    """Give a case to a team's queue or to a colleague."""
    return _do(number, lambda s, ticket, me: _transfer(s, ticket, me, json))


@blueprint.post("/tickets/<number>/resolve")
@act
@spec.validate(resp=answers(HTTP_200=Case), tags=("tickets",))
def resolve(number: str, json: Seen) -> Response:
    """The case is solved; the bot answers again."""
    return _do(number, lambda s, ticket, me: tickets.resolve(s, ticket, me, json.seen_message_id))


@blueprint.post("/tickets/<number>/reopen")
@act
@spec.validate(resp=answers(HTTP_200=Case), tags=("tickets",))
def reopen(number: str, json: Why) -> Response:
    """Take up a case again that was resolved or closed."""
    return _do(number, lambda s, ticket, me: tickets.reopen(s, ticket, me, json.why))


def _do(number: str, deed: Deed) -> Response:
    """Do it, and answer with the case as it is then."""

    def work(session: Session) -> Case:
        ticket = case(session, number)
        deed(session, ticket.id, me)
        session.flush()
        session.refresh(ticket)
        return Case.of(ticket)

    me = caller().user_id
    return once(work)


def _say(number: str, deed: Callable[[Session, int, int], Message]) -> Response:
    """Do it, and answer with what was said."""
    me = caller().user_id
    return once(lambda session: Said.of(deed(session, case(session, number).id, me)), 201)


def _transfer(session: Session, ticket_id: int, user_id: int, wanted: Transfer) -> Ticket:
    if session.scalar(select(Team.id).where(Team.key == wanted.to)) is not None:
        return tickets.to_team(session, ticket_id, user_id, wanted.to, wanted.why)
    colleague = session.scalar(select(User.id).where(User.username == wanted.to))
    if colleague is None:
        raise Refused("沒有這個團隊。")
    return tickets.to_person(session, ticket_id, user_id, colleague, wanted.why)


def _click() -> str:
    """What makes a reply one reply: the caller's key, made to fit."""
    key = request.headers.get(HEADER)
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{caller().token_id}:{key}")) if key else str(uuid.uuid4())
