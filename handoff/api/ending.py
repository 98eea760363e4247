"""How a case ends and comes back: asked of the customer, resolved, given back to the bot, closed, reopened."""

from flask import Response

from bot.api import allow, answers, spec
from handoff import tickets
from handoff.api.doing import change
from handoff.api.routes import blueprint
from handoff.api.shapes.cases import Case
from handoff.api.shapes.handling import Seen, Solved, Why


@blueprint.post("/tickets/<number>/propose")
@allow("case.helped", "tickets:write")
@spec.validate(resp=answers(HTTP_200=Case), tags=("tickets",))
def propose(number: str, json: Seen) -> Response:
    """Ask the customer whether it is solved; a yes, or 72 hours of silence, resolves it."""
    return change(number, lambda s, ticket, me: tickets.propose(s, ticket, me, json.seen_message_id))


@blueprint.post("/tickets/<number>/resolve")
@allow("desk.work", "tickets:write")
@spec.validate(resp=answers(HTTP_200=Case), tags=("tickets",))
def resolve(number: str, json: Solved) -> Response:
    """The case is solved; the bot answers again. Second line and leads decide that, front line proposes it."""
    return change(number, lambda s, ticket, me: tickets.resolve(s, ticket, me, json.seen_message_id, json.why))


@blueprint.post("/tickets/<number>/hand-back")
@allow("desk.work", "tickets:write")
@spec.validate(resp=answers(HTTP_200=Case), tags=("tickets",))
def hand_back(number: str, json: Seen) -> Response:
    """Give the conversation back to the bot, which goes on from here; the case is resolved."""
    return change(number, lambda s, ticket, me: tickets.hand_back(s, ticket, me, json.seen_message_id))


@blueprint.post("/tickets/<number>/close")
@allow("desk.work", "tickets:write")
@spec.validate(resp=answers(HTTP_200=Case), tags=("tickets",))
def close(number: str, json: Why) -> Response:
    """A resolved case is finished: only its number, quoted, or a person brings it back."""
    return change(number, lambda s, ticket, me: tickets.close(s, ticket, me, json.why))


@blueprint.post("/tickets/<number>/reopen")
@allow("desk.work", "tickets:write")
@spec.validate(resp=answers(HTTP_200=Case), tags=("tickets",))
def reopen(number: str, json: Why) -> Response:
    """Take up a case again that was resolved or closed."""
    return change(number, lambda s, ticket, me: tickets.reopen(s, ticket, me, json.why))
