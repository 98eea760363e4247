"""Whose cases a helper may see and answer: those of a team in a rush that hers helps, for as long as the rush lasts.

Nothing is granted and nothing need be taken back: each time it is asked anew whether the help is still called.
"""

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, exists, or_, select
from sqlalchemy.orm import aliased

from bot.auth.permissions import HELPER
from bot.models import User
from handoff.models import LIVE, Member, Team, Ticket

rushed, helping = aliased(Team), aliased(Team)


def open_to(user_id: int | SQLColumnExpression[int]) -> ColumnElement[bool]:
    """The cases that a helper may see: in the queue of a team that she helps now, or taken from it by her."""
    hers = or_(Ticket.assignee_id.is_(None), Ticket.assignee_id == user_id)
    helper = exists().where(User.id == user_id, User.active, User.role == HELPER)
    return and_(Ticket.state.in_(LIVE), hers, helper, _helps(user_id))


def over() -> ColumnElement[bool]:
    """Cases of helpers who help their team no more."""
    helpers = select(User.id).where(User.role == HELPER)
    return and_(Ticket.assignee_id.in_(helpers), Ticket.state.in_(LIVE), ~_helps(Ticket.assignee_id))


def _helps(user: int | SQLColumnExpression[int] | SQLColumnExpression[int | None]) -> ColumnElement[bool]:
    """Whether somebody belongs to the team that helps the case's team in its rush."""
    called = select(rushed.id).join(helping, helping.key == rushed.overflow)
    members = called.join(Member, and_(Member.team_id == helping.id, Member.user_id == user, ~Member.standby))
    return exists(members.where(rushed.key == Ticket.team, rushed.surge_since.is_not(None)).correlate(Ticket))
