"""Whispers for programs: for the same few who see them at the console."""

from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from bot.api import PageQuery, allow, answers, caller, spec
from handoff import tickets
from handoff.api.doing import make
from handoff.api.routes import blueprint, case, listed, reading
from handoff.api.shapes.whispers import Whispered, Whispers
from handoff.api.shapes.words import Note
from handoff.models import Whisper
from handoff.tickets import whispers


@blueprint.get("/tickets/<number>/whispers")
@allow("desk.work", "whispers:read")
@spec.validate(resp=answers(HTTP_200=Whispers), tags=("whispers",))
def list_whispers(number: str, query: PageQuery) -> Whispers:
    """What was whispered about a case, newest first: all for who has it or leads, else what one said oneself."""
    with reading() as session:
        ticket = case(session, number)
        mine = whispers.for_eyes(ticket, caller().user_id, caller().role)
        wanted = select(Whisper).where(Whisper.ticket_id == ticket.id, mine).options(joinedload(Whisper.user))
        return listed(session, Whispers, query, wanted, Whisper.id, Whispered.of)


@blueprint.post("/tickets/<number>/whispers")
@allow("desk.decide", "whispers:write")
@spec.validate(resp=answers(HTTP_201=Whispered), tags=("whispers",))
def whisper(number: str, json: Note) -> Response:
    """Say something to whoever has a case, who is told at once; nobody else but those who lead sees it."""
    return make(number, lambda s, ticket, me: tickets.whisper(s, ticket, me, json.text), Whispered.of)
