"""What a program may do with a case first of all: the named actions of the desk, under its own name."""

import uuid

from flask import Response, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.api import allow, answers, caller, once, spec
from bot.api.idempotency import HEADER
from bot.errors import Refused
from bot.models import Conversation, User
from handoff import tickets
from handoff.api.doing import CREATED, change, fresh, say
from handoff.api.routes import blueprint, found, services
from handoff.api.shapes.cases import Case
from handoff.api.shapes.handling import Transfer
from handoff.api.shapes.talk import Said
from handoff.api.shapes.words import Answer, Letter, Note
from handoff.models import Team, Ticket


@blueprint.post("/tickets/<number>/claim")
@allow("case.helped", "tickets:write")
@spec.validate(resp=answers(HTTP_200=Case), tags=("tickets",))
def claim(number: str) -> Response:
    """Take a case that nobody has."""
    return change(number, tickets.claim)


@blueprint.post("/conversations/<int(max=2147483647):conversation_id>/take-over")
@allow("desk.work", "tickets:write")
@spec.validate(resp=answers(HTTP_201=Case), tags=("tickets",))
def take_over(conversation_id: int) -> Response:
    """Make a case of one's own of a conversation that the bot leads; refused where one lives in it."""
    zone, me = services().settings.zone, caller().user_id

    def work(session: Session) -> Case:
        found(session.get(Conversation, conversation_id))
        return Case.of(fresh(session, tickets.take_over(session, conversation_id, me, zone)))

    return once(work, CREATED)


@blueprint.post("/tickets/<number>/reply")
@allow("case.joined", "tickets:write")
@spec.validate(resp=answers(HTTP_201=Said), tags=("tickets",))
def reply(number: str, json: Answer) -> Response:
    """Send words and files to the customer; refused where the customer wrote, or a colleague answered, since."""
    told = json.text, click(), json.seen_message_id, json.attachments
    return say(number, lambda s, ticket, me: tickets.reply(s, ticket, me, *told))


@blueprint.post("/tickets/<number>/mail")
@allow("desk.work", "tickets:write")
@spec.validate(resp=answers(HTTP_201=Said), tags=("tickets",))
def mail(number: str, json: Letter) -> Response:
    """Write a letter to an address that the customer proved to be his; refused when he has written since."""
    said = json.text, click(), json.seen_message_id
    return say(number, lambda s, ticket, me: tickets.mail(s, ticket, me, json.to, *said))


@blueprint.post("/tickets/<number>/note")
@allow("case.joined", "tickets:write")
@spec.validate(resp=answers(HTTP_201=Said), tags=("tickets",))
def note(number: str, json: Note) -> Response:
    """Write a note for colleagues."""
    return say(number, lambda s, ticket, me: tickets.note(s, ticket, me, json.text))


@blueprint.post("/tickets/<number>/transfer")
@allow("case.helped", "tickets:write")
@spec.validate(resp=answers(HTTP_200=Case), tags=("tickets",))
def transfer(number: str, json: Transfer) -> Response:
    """Give a case to a team's queue or to a colleague."""
    return change(number, lambda s, ticket, me: _transfer(s, ticket, me, json))


def _transfer(session: Session, ticket_id: int, user_id: int, wanted: Transfer) -> Ticket:
    if session.scalar(select(Team.id).where(Team.key == wanted.to)) is not None:
        return tickets.to_team(session, ticket_id, user_id, wanted.to, wanted.why)
    colleague = session.scalar(select(User.id).where(User.username == wanted.to))
    if colleague is None:
        raise Refused("沒有這個團隊。")
    return tickets.to_person(session, ticket_id, user_id, colleague, wanted.why)


def click() -> str:
    """What makes a reply one reply: the caller's key, made to fit."""
    key = request.headers.get(HEADER)
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{caller().token_id}:{key}")) if key else str(uuid.uuid4())
