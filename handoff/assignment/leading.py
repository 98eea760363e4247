"""A case goes to the lead of its team: one who is there before one who is not, nobody who is on leave."""

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from bot.auth import permissions
from bot.clock import now
from bot.models import User
from handoff.assignment import claims
from handoff.models import Member, Presence, Team, Ticket


def to_lead(session: Session, ticket: Ticket, why: str) -> bool:
    """False where the team has no lead who could have it, or she has it already."""
    lead = session.scalar(_lead(ticket.team))
    if lead is None or lead == ticket.assignee_id:
        return False
    claims.upwards(session, ticket, lead, why)
    return True


def _lead(team: str) -> Select[int]:
    at = now()
    there = exists().where(Presence.user_id == User.id, Presence.status == "online", Presence.online_until > at)
    able = User.active, User.role.in_(permissions.roles("desk.work")), ~claims.on_leave(at)
    leads = select(User.id).join(Member, Member.user_id == User.id).join(Team, Team.id == Member.team_id)
    return leads.where(Team.key == team, Member.lead, *able).order_by(there.desc(), Member.id).limit(1)
