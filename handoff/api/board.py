"""The figures of the supervisor's board."""

from bot.api import allow, answers, spec
from bot.clock import now
from handoff import overview
from handoff.api.routes import blueprint, reading, services
from handoff.api.shapes.board import Board


@blueprint.get("/board")
@allow("desk.lead", "board:read")
@spec.validate(resp=answers(HTTP_200=Board), tags=("board",))
def show_board() -> Board:
    """How the desk stands now: what comes first, what is nearly due, queues, people, arrivals, alarms."""
    with reading() as session:
        return Board.of(overview.look(session, now(), services().settings.zone))
