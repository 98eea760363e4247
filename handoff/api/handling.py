"""What people do with a case besides talking: its cover, and two cases that become one, or one that becomes two."""

from flask import Response

from bot.api import allow, answers, spec
from handoff import tickets
from handoff.api.doing import change, make
from handoff.api.routes import blueprint, services
from handoff.api.shapes.cases import Case
from handoff.api.shapes.handling import Cover, Grading, Into, Matter


@blueprint.put("/tickets/<number>/cover")
@allow("desk.work", "tickets:write")
@spec.validate(resp=answers(HTTP_200=Case), tags=("tickets",))
def file(number: str, json: Cover) -> Response:
    """Set type, tags, fields of the house and outcome, all as given."""
    return change(number, lambda s, ticket, me: tickets.file(s, ticket, me, **json.model_dump()))


@blueprint.post("/tickets/<number>/grade")
@allow("desk.work", "tickets:write")
@spec.validate(resp=answers(HTTP_200=Case), tags=("tickets",))
def grade(number: str, json: Grading) -> Response:
    """Say how urgent it is and what it is about; the rest stays. Who lowers it gives a reason, and is no front line."""
    return change(number, lambda s, ticket, me: tickets.grade(s, ticket, me, **json.model_dump()))


@blueprint.post("/tickets/<number>/repeated")
@allow("desk.work", "tickets:write")
@spec.validate(resp=answers(HTTP_200=Case), tags=("tickets",))
def repeated(number: str) -> Response:
    """The customer had to explain it once more: count it."""
    return change(number, tickets.repeated)


@blueprint.post("/tickets/<number>/merge")
@allow("desk.work", "tickets:write")
@spec.validate(resp=answers(HTTP_200=Case), tags=("tickets",))
def merge(number: str, json: Into) -> Response:
    """Go on with this matter in another case of the same customer; answers with that one."""
    return make(number, lambda s, ticket, me: tickets.merge(s, ticket, me, json.into), Case.of, 200)


@blueprint.post("/tickets/<number>/split")
@allow("desk.work", "tickets:write")
@spec.validate(resp=answers(HTTP_201=Case), tags=("tickets",))
def split(number: str, json: Matter) -> Response:
    """Give a second matter a case of its own, whose number the customer hears; answers with that one."""
    zone = services().settings.zone
    return make(number, lambda s, ticket, me: tickets.split(s, ticket, me, json.matter, zone), Case.of)
