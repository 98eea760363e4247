"""What the bot prepared for customers, for programs: listed, approved and refused as on the console."""

from flask import Response
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from bot.api import NotFound, PageQuery, allow, answers, spec
from handoff import tickets
from handoff.api.acting import click
from handoff.api.doing import make
from handoff.api.routes import blueprint, case, found, listed, reading
from handoff.api.shapes.proposals import Approval, Looked, Prepared, ProposalQuery, Proposals, Refusal
from handoff.models import Proposal


@blueprint.get("/proposals")
@allow("desk.work", "proposals:read")
@spec.validate(resp=answers(HTTP_200=Proposals), tags=("proposals",))
def list_all_proposals(query: ProposalQuery) -> Proposals:
    """What was prepared on all cases, newest first."""
    wanted = _prepared()
    if query.state:
        wanted = wanted.where(Proposal.state == query.state)
    with reading() as session:
        return listed(session, Proposals, query, wanted, Proposal.id, Prepared.of)


@blueprint.get("/tickets/<number>/proposals")
@allow("desk.work", "proposals:read")
@spec.validate(resp=answers(HTTP_200=Proposals), tags=("proposals",))
def list_proposals(number: str, query: PageQuery) -> Proposals:
    """What was prepared on a case, newest first."""
    with reading() as session:
        wanted = _prepared().where(Proposal.ticket_id == case(session, number).id)
        return listed(session, Proposals, query, wanted, Proposal.id, Prepared.of)


@blueprint.post("/tickets/<number>/proposals/<int(max=2147483647):proposal_id>/approve")
@allow("desk.work", "proposals:write")
@spec.validate(resp=answers(HTTP_200=Prepared), tags=("proposals",))
def approve(number: str, proposal_id: int, json: Approval) -> Response:
    """Let it go out with these words. Where two must approve, the second is a specialist or lead, and another."""
    told = json.text, click(), json.seen_message_id, json.value

    def deed(session: Session, ticket: int, me: int) -> Proposal:
        return tickets.approve(session, _of(session, ticket, proposal_id), me, *told)

    return make(number, deed, Prepared.of, 200)


@blueprint.post("/tickets/<number>/proposals/<int(max=2147483647):proposal_id>/refuse")
@allow("desk.work", "proposals:write")
@spec.validate(resp=answers(HTTP_200=Prepared), tags=("proposals",))
def refuse(number: str, proposal_id: int, json: Refusal) -> Response:
    """It does not go out; whoever has the case tells the customer."""

    def deed(session: Session, ticket: int, me: int) -> Proposal:
        return tickets.refuse(session, _of(session, ticket, proposal_id), me, json.why)

    return make(number, deed, Prepared.of, 200)


@blueprint.post("/tickets/<number>/proposals/<int(max=2147483647):proposal_id>/revise")
@allow("desk.work", "proposals:write")
@spec.validate(resp=answers(HTTP_200=Prepared), tags=("proposals",))
def revise(number: str, proposal_id: int, json: Approval) -> Response:
    """What was refused is put forward again with these words, as another proposal, which is the answer."""
    told = json.text, json.seen_message_id, json.value

    def deed(session: Session, ticket: int, me: int) -> Proposal:
        return tickets.revise_refused(session, _of(session, ticket, proposal_id), me, *told)

    return make(number, deed, Prepared.of, 200)


@blueprint.post("/tickets/<number>/proposals/<int(max=2147483647):proposal_id>/done")
@allow("desk.work", "proposals:write")
@spec.validate(resp=answers(HTTP_200=Prepared), tags=("proposals",))
def change_done(number: str, proposal_id: int, json: Looked) -> Response:
    """An approved change was made by hand, or was found to be made: the customer hears of it now."""
    told = click(), json.seen_message_id

    def deed(session: Session, ticket: int, me: int) -> Proposal:
        return tickets.change_done(session, _of(session, ticket, proposal_id), me, *told)

    return make(number, deed, Prepared.of, 200)


@blueprint.post("/tickets/<number>/proposals/<int(max=2147483647):proposal_id>/again")
@allow("desk.work", "proposals:write")
@spec.validate(resp=answers(HTTP_200=Prepared), tags=("proposals",))
def change_again(number: str, proposal_id: int) -> Response:
    """An approved change was found not to be made: the shop's order system tries once more."""

    def deed(session: Session, ticket: int, me: int) -> Proposal:
        return tickets.change_again(session, _of(session, ticket, proposal_id), me)

    return make(number, deed, Prepared.of, 200)


def _prepared() -> Select[Proposal]:
    return select(Proposal).options(
        joinedload(Proposal.ticket),
        joinedload(Proposal.first),
        joinedload(Proposal.decider),
        joinedload(Proposal.order),
    )


def _of(session: Session, ticket: int, proposal_id: int) -> int:
    """The proposal's id, if it is this case's."""
    row = found(session.get(Proposal, proposal_id))
    if row.ticket_id != ticket:
        raise NotFound
    return row.id
