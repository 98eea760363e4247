"""A customer comes back with a case that was over: who had it last has it again only if she has time for it now."""

from sqlalchemy.orm import Session

from bot import services
from bot.clock import now
from handoff.assignment import claims, staffing
from handoff.assignment.picking import Waiting, pick
from handoff.models import Ticket


def takes_again(session: Session, ticket: Ticket) -> bool:
    """Whether the queue would give it to her, were she the only one: there, on shift, not on leave, able, with room."""
    if ticket.assignee_id is None or not claims.still_there(session, ticket.assignee_id, now()):
        return False
    agents = staffing.agents(session, now(), services.current().settings.zone)
    case = Waiting(
        ticket.id, ticket.team, ticket.category, ticket.level, ticket.first_response_due_at, ticket.opened_at
    )
    return pick(case, [agent for agent in agents if agent.id == ticket.assignee_id]) is not None
