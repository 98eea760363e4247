"""Whether whoever was picked may still have the case, held so until it is theirs: nobody leaves in the same moment.

The person and the memberships that count are locked for sharing. Whoever takes one away waits until the case is given,
and then finds it among hers; or we wait for them, and find the membership gone.
"""

from typing import TypeVar

from sqlalchemy import ScalarResult, Select, exists, or_, select
from sqlalchemy.orm import Session, aliased

from bot.models import User
from handoff.assignment.picking import URGENT
from handoff.assignment.staffing import TAKES
from handoff.models import Member, Team, Ticket

Row = TypeVar("Row", User, Member)
helped = aliased(Team)


def may_have(session: Session, ticket: Ticket, user_id: int) -> bool:
    """A member of the team, or of the one that helps it, who takes such cases; a supervisor where it is urgent."""
    urgent = ticket.level == URGENT
    takes = select(User).where(User.id == user_id, User.active, User.role.in_(TAKES))
    user = _held(session, takes, User).one_or_none()
    if user is None or (urgent and user.role == "supervisor"):
        return user is not None
    members = _held(session, _places(ticket, user_id), Member)
    return any(urgent or not member.skills or ticket.category in member.skills for member in members)


def _places(ticket: Ticket, user_id: int) -> Select[Member]:
    helps = helped.key == ticket.team, helped.overflow == Team.key, helped.surge_since.is_not(None)
    places = select(Member).join(Member.team).where(Member.user_id == user_id)
    return places.where(or_(Team.key == ticket.team, exists(select(helped.id).where(*helps).correlate(Team))))


def _held(session: Session, wanted: Select[Row], of: type[Row]) -> ScalarResult[Row]:
    """These rows as they are now, which stay so until the transaction ends."""
    locking = wanted.with_for_update(read=True, of=of).execution_options(populate_existing=True)
    return session.scalars(locking)
