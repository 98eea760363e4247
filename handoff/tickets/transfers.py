"""A case changes hands, with a reason: to a colleague, or to a team's queue, from where a new person gets it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import Refused
from bot.models import User
from handoff import assignment, clocks
from handoff.models import Team, Ticket
from handoff.tickets import guests, parking, records, transitions
from handoff.tickets.actions import written


def to_person(session: Session, ticket_id: int, user_id: int, to_user_id: int, why: str) -> Ticket:
    """Give it to a colleague, who is told, as is who had it; she has it from now on."""
    ticket, user = records.own(session, "assign", ticket_id, user_id)
    to = transitions.permit_staff(session.get(User, to_user_id))
    if to.id == ticket.assignee_id:
        raise Refused("%(name)s已經接手這件案件。", name=to.name)
    clocks.end(session, ticket, "accept")
    before, ticket.assignee_id = ticket.assignee_id, to.id
    assignment.given(session, ticket, to.id, before)
    records.move(
        session,
        ticket,
        "assign",
        "ticket.assigned",
        user_id=user.id,
        to_user=to.id,
        from_user=before,
        by=user.id,
        why=written(why)[:200],
    )
    parking.look(session, ticket)
    assignment.drain_after_commit(session)
    return ticket


def to_somebody_free(
    session: Session, ticket_id: int, user_id: int, to_user_id: int, had_it: int | None, why: str
) -> Ticket:
    """Give it to a colleague who has time for it, if it is still with whom it was when that was decided."""
    ticket = records.held(session, ticket_id)
    if ticket.assignee_id != had_it:
        raise transitions.taken(ticket) if ticket.assignee_id else Refused("這件案件剛剛退回待接，看現在的情形再決定。")
    to = transitions.permit_staff(session.get(User, to_user_id))
    if not assignment.has_room(session, to.id):
        raise Refused("%(name)s剛剛滿了，或是離開了。選另一位同事。", name=to.name)
    return to_person(session, ticket_id, user_id, to.id, why)


def to_team(session: Session, ticket_id: int, user_id: int, team: str, why: str) -> Ticket:
    """Put it into a team's queue, from where whoever is free gets it: at first not the one who gave it away."""
    ticket, user = records.own(session, "queue", ticket_id, user_id)
    if team != ticket.team and user.role in guests.HELPERS:
        raise Refused("支援的案件只能退回原團隊。")
    if session.scalar(select(Team.id).where(Team.key == team)) is None:
        raise Refused("沒有這個團隊。")
    before = ticket.assignee_id
    clocks.end(session, ticket, "accept")
    clocks.our_turn(session, ticket)
    ticket.team, ticket.assignee_id = team, None
    assignment.passed_over(session, ticket, user.id)
    records.move(
        session,
        ticket,
        "queue",
        "ticket.requeued",
        user_id=user.id,
        from_user=before,
        team=team,
        why=written(why)[:200],
    )
    assignment.drain_after_commit(session)
    return ticket
