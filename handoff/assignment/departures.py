"""Somebody leaves the house, a team or a kind of case: what she had goes back to the queue, and the lead hears.

Its clocks and promises stay as they are. The law `owner_gone` is the net under this, should anybody leave otherwise.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session

from bot import conversations, journal
from bot.auth import permissions
from bot.clock import now
from bot.models import User
from handoff.assignment import helping
from handoff.assignment.claims import requeue
from handoff.models import LIVE, Absence, Member, Presence, Team, Ticket


def staff_changed(session: Session, user_id: int, by: int | None) -> None:
    """Whoever is not of the desk any more has no cases, and no team for whose cases she answers last."""
    user = session.get_one(User, user_id)
    if not user.active or not permissions.may(user.role, "desk.work"):
        _release(session, user.id, true(), "owner_left", by)
        for team in session.scalars(select(Team).where(Team.head_id == user.id)).all():
            team.head_id = None
            journal.changed(session, "team.changed", {"head": user.username}, {"head": ""}, by=by, team=team.key)


def left_team(session: Session, user_id: int, team: str, by: int | None) -> None:
    """She is no member any more: whoever was about to give her a case of the team has done so, or will not."""
    _release(session, user_id, Ticket.team == team, "left_team", by)


def lost_skills(session: Session, member: Member, before: Collection[str], by: int | None) -> None:
    """What she could take before and cannot now; a case of another kind was given to her by hand, and stays."""
    if not member.skills:
        return
    could = Ticket.category.in_(before) if before else true()
    lost = could & Ticket.category.not_in(member.skills)
    _release(session, member.user_id, (Ticket.team == member.team.key) & lost, "skill_taken", by)


def left_alone() -> ColumnElement[bool]:
    """Cases that their owners leave alone from now on: she is on leave, or her help is over."""
    return or_(_on_leave(), helping.over())


def _on_leave() -> ColumnElement[bool]:
    """Their customers wait for somebody who is on leave; whoever is there all the same keeps hers."""
    at = now()
    there = select(Presence.user_id).where(Presence.status == "online", Presence.online_until > at)
    on_leave = select(Absence.user_id).where(Absence.starts_at <= at, Absence.ends_at > at)
    gone = Ticket.assignee_id.in_(on_leave), Ticket.assignee_id.not_in(there)
    return and_(*gone, Ticket.waiting_since.is_not(None), Ticket.state.in_(LIVE))


def relieve(session: Session) -> None:
    """Who is on leave or helps no more answers nobody: the next who is there does, the lead hears of it."""
    _requeue(session, _on_leave(), "on_leave", None)
    _requeue(session, helping.over(), "help_over", None)


def _release(session: Session, user_id: int, which: ColumnElement[bool], why: str, by: int | None) -> None:
    _requeue(session, and_(Ticket.assignee_id == user_id, Ticket.state.in_(LIVE), which), why, by)


def _requeue(session: Session, which: ColumnElement[bool], why: str, by: int | None) -> None:
    """Under their conversations' locks, taken in the one order; what changed hands meanwhile is not hers any more."""
    hers = select(Ticket).where(which)
    conversations.hold(session, sorted(session.scalars(hers.with_only_columns(Ticket.conversation_id))))
    for ticket in session.scalars(hers.order_by(Ticket.id).execution_options(populate_existing=True)).all():
        requeue(session, ticket, why, by)
