"""Phone calls: the case is searched for first; the call is written down on it, or opens one."""

from flask import Response
from sqlalchemy.orm import Session

from bot.api import allow, answers, caller, once, spec
from handoff import tickets
from handoff.api.doing import CREATED, fresh, say
from handoff.api.routes import blueprint, reading, services
from handoff.api.shapes.cases import Case, Cases, Search
from handoff.api.shapes.talk import Said
from handoff.api.shapes.words import Call, FirstCall


@blueprint.get("/search")
@allow("desk.work", "calls:read")
@spec.validate(resp=answers(HTTP_200=Cases), tags=("calls",))
def search(query: Search) -> Cases:
    """The twenty cases that fit best a number, a phone number, an address or a fact; live ones first."""
    with reading() as session:
        return Cases(items=[Case.of(ticket) for ticket in tickets.search(session, query.q)])


@blueprint.post("/tickets/<number>/calls")
@allow("desk.work", "calls:write")
@spec.validate(resp=answers(HTTP_201=Said), tags=("calls",))
def log_call(number: str, json: Call) -> Response:
    """Write down what was said on the phone about this case; words of danger, or a level, raise it."""
    said = tickets.heard(json.text, json.level)
    return say(number, lambda s, ticket, me: tickets.log_call(s, ticket, me, json.direction, said))


@blueprint.post("/calls")
@allow("desk.work", "calls:write")
@spec.validate(resp=answers(HTTP_201=Case), tags=("calls",))
def first_call(json: FirstCall) -> Response:
    """A new case for a caller who has none, weighed by what was said; refused where this number has a live one."""
    zone, me = services().settings.zone, caller().user_id
    said = tickets.heard(json.text, json.level, json.category)

    def work(session: Session) -> Case:
        return Case.of(fresh(session, tickets.open_by_phone(session, me, json.phone, json.name, said, zone)))

    return once(work, CREATED)
