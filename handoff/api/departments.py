"""Departments on a case: asked, accepted, given the floor, done. A department's own program does its part here."""

from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bot.api import PageQuery, allow, answers, spec
from handoff import tickets
from handoff.api.doing import change, make
from handoff.api.routes import blueprint, case, listed, person, reading
from handoff.api.shapes.cases import Case
from handoff.api.shapes.joining import Ask, Floor, Guest, Guests
from handoff.models import CaseMember


@blueprint.get("/tickets/<number>/department")
@allow("case.joined", "departments:read")
@spec.validate(resp=answers(HTTP_200=Guests), tags=("departments",))
def list_guests(number: str, query: PageQuery) -> Guests:
    """The departments' contacts who are on a case, or were."""
    with reading() as session:
        of_case = select(CaseMember).where(CaseMember.ticket_id == case(session, number).id)
        return listed(session, Guests, query, of_case.options(joinedload(CaseMember.user)), CaseMember.id, Guest.of)


@blueprint.post("/tickets/<number>/department")
@allow("desk.work", "departments:write")
@spec.validate(resp=answers(HTTP_201=Guest), tags=("departments",))
def ask(number: str, json: Ask) -> Response:
    """Have a department's contact look into it; who does not accept within two working hours is passed over."""

    def deed(session: Session, ticket_id: int, me: int) -> CaseMember:
        contact = person(session, json.contact).id
        return tickets.ask_department(session, ticket_id, me, json.department, contact, json.why)

    return make(number, deed, Guest.of)


@blueprint.post("/tickets/<number>/department/accept")
@allow("case.joined", "departments:write")
@spec.validate(resp=answers(HTTP_200=Guest), tags=("departments",))
def accept(number: str) -> Response:
    """The contact, who is the caller, takes it on."""
    return make(number, tickets.accept_for_department, Guest.of, 200)


@blueprint.post("/tickets/<number>/department/done")
@allow("case.joined", "departments:write")
@spec.validate(resp=answers(HTTP_200=Case), tags=("departments",))
def done(number: str) -> Response:
    """The contact has said what there was to say, or nobody waits for him any longer."""
    return change(number, tickets.department_done)


@blueprint.put("/tickets/<number>/department/<username>/floor")
@allow("desk.work", "departments:write")
@spec.validate(resp=answers(HTTP_200=Guest), tags=("departments",))
def give_floor(number: str, username: str, json: Floor) -> Response:
    """Let the contact write to the customer himself, or not any more."""

    def deed(session: Session, ticket_id: int, me: int) -> CaseMember:
        return tickets.give_floor(session, ticket_id, me, person(session, username).id, json.floor)

    return make(number, deed, Guest.of, 200)
