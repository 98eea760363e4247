"""The register of promises of a case, and the complaint: what must be known and said before it may end."""

from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from bot.api import PageQuery, allow, answers, spec
from handoff import tickets
from handoff.api.acting import click
from handoff.api.doing import make, say
from handoff.api.routes import blueprint, case, found, listed, reading
from handoff.api.shapes.promises import Found, Investigation, Promise, Promised, PromiseQuery, Promises
from handoff.api.shapes.talk import Said
from handoff.api.shapes.words import Reply
from handoff.models import CasePromise
from handoff.tickets import complaints


@blueprint.get("/promises")
@allow("desk.work", "promises:read")
@spec.validate(resp=answers(HTTP_200=Promises), tags=("promises",))
def list_all_promises(query: PromiseQuery) -> Promises:
    """What was promised in all cases, newest first."""
    wanted = select(CasePromise).options(joinedload(CasePromise.maker), joinedload(CasePromise.ticket))
    if query.state:
        wanted = wanted.where(CasePromise.state == query.state)
    with reading() as session:
        return listed(session, Promises, query, wanted, CasePromise.id, Promised.of)


@blueprint.get("/tickets/<number>/promises")
@allow("case.joined", "promises:read")
@spec.validate(resp=answers(HTTP_200=Promises), tags=("promises",))
def list_promises(number: str, query: PageQuery) -> Promises:
    """What was promised in this case, newest first."""
    with reading() as session:
        of_case = select(CasePromise).where(CasePromise.ticket_id == case(session, number).id)
        wanted = of_case.options(joinedload(CasePromise.maker))
        return listed(session, Promises, query, wanted, CasePromise.id, Promised.of)


@blueprint.post("/tickets/<number>/promises")
@allow("desk.work", "promises:write")
@spec.validate(resp=answers(HTTP_201=Promised), tags=("promises",))
def promise(number: str, json: Promise) -> Response:
    """Write down what was promised; whoever has the case is warned before it is due."""
    given = json.what, json.to_whom, json.due_at
    return make(number, lambda s, ticket, me: tickets.promise(s, ticket, me, *given), Promised.of)


@blueprint.post("/tickets/<number>/promises/<int(max=2147483647):promise_id>/keep")
@allow("desk.work", "promises:write")
@spec.validate(resp=answers(HTTP_200=Promised), tags=("promises",))
def keep(number: str, promise_id: int) -> Response:
    """It was done, in time or late; a promise that was broken stays so. What nobody keeps breaks by itself."""
    return make(number, lambda s, ticket, me: tickets.keep_promise(s, ticket, me, promise_id), Promised.of, 200)


@blueprint.get("/tickets/<number>/complaint")
@allow("case.joined", "complaints:read")
@spec.validate(resp=answers(HTTP_200=Found), tags=("complaints",))
def show_complaint(number: str) -> Found:
    """What is known about the complaint, and what is missing; 404 where the case is none."""
    with reading() as session:
        return Found.of(found(complaints.of(session, case(session, number))))


@blueprint.put("/tickets/<number>/complaint")
@allow("desk.work", "complaints:write")
@spec.validate(resp=answers(HTTP_200=Found), tags=("complaints",))
def investigate(number: str, json: Investigation) -> Response:
    """Write down who was responsible, why it happened, and what is done about it."""
    known = json.model_dump()
    return make(number, lambda s, ticket, me: tickets.investigate(s, ticket, me, **known), Found.of, 200)


@blueprint.post("/tickets/<number>/complaint/reply")
@allow("desk.work", "complaints:write")
@spec.validate(resp=answers(HTTP_201=Said), tags=("complaints",))
def closing_reply(number: str, json: Reply) -> Response:
    """Tell the customer what came of it; without that a complaint does not end."""
    told = json.text, click(), json.seen_message_id
    return say(number, lambda s, ticket, me: tickets.closing_reply(s, ticket, me, *told))
