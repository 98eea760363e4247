"""Giving a case to somebody, and taking it back: guarded, so that of two who try one succeeds.

Everybody locks in one order: the conversation, the agent's presence, the agent and her memberships, then the case.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select, true, update
from sqlalchemy.orm import Session, aliased

from bot import conversations, journal, services
from bot.auth import permissions
from bot.clock import now
from bot.models import User
from bot.people import insert_missing
from handoff import clocks
from handoff.assignment import hands, holding
from handoff.assignment.picking import URGENT, Choice
from handoff.assignment.queue import QUEUED
from handoff.assignment.staffing import HELD
from handoff.models import Absence, Member, PassedOver, Presence, Team, Ticket
from handoff.waking import drain_after_commit

ACCEPT = timedelta(minutes=3)
ACCEPT_URGENT = timedelta(minutes=1)

held = aliased(Ticket)


def assign(session: Session, ticket_id: int, choice: Choice) -> bool:
    """Give a case of the queue to whoever was picked; False when it is taken, or they are gone or full by now."""
    conversations.locked(session, session.scalars(select(Ticket.conversation_id).where(Ticket.id == ticket_id)).one())
    ticket = session.get_one(Ticket, ticket_id, populate_existing=True)
    if not (still_there(session, choice.agent.id, now()) and holding.may_have(session, ticket, choice.agent.id)):
        return False
    if not _take(session, ticket_id, choice):
        return False
    session.refresh(ticket)
    hands.given(session, ticket, choice.agent.id)
    clocks.begin(session, ticket, "accept", ACCEPT_URGENT if ticket.level == URGENT else ACCEPT)
    given = {"to_user": choice.agent.id, "by": "routing", "why": choice.why}
    _tell(session, ticket, "ticket.assigned", before=ticket.state, state=ticket.state, **given)
    return True


def accepted(session: Session, ticket: Ticket) -> None:
    """The one to whom it was given has taken it up."""
    clocks.end(session, ticket, "accept")
    if ticket.state == "new":
        _move(session, ticket, "open", "ticket.accepted", user_id=ticket.assignee_id)


def not_accepted(session: Session, ticket: Ticket) -> None:
    """Nobody took it up in time: back to the queue, without that agent, who seems to be away; the lead is told."""
    agent = ticket.assignee_id
    if agent is None:
        return
    passed_over(session, ticket, agent)
    session.execute(update(Presence).where(Presence.user_id == agent).values(status="away", since=now()))
    requeue(session, ticket, "not_accepted")
    escalate(session, ticket, "lead", "not_accepted")


def passed_over(session: Session, ticket: Ticket, user_id: int) -> None:
    """It does not come back to her at once."""
    insert_missing(session, PassedOver, {"ticket_id": ticket.id, "user_id": user_id, "at": now()})


def requeue(session: Session, ticket: Ticket, why: str, by: int | None = None) -> None:
    """Nobody has the case any more; it waits for the next who is free. `by`: who wanted it so, if it was a person."""
    had_it, ticket.assignee_id = ticket.assignee_id, None
    clocks.end(session, ticket, "accept")
    if ticket.live:
        clocks.our_turn(session, ticket)
    state = "new" if ticket.live else ticket.state
    _move(session, ticket, state, "ticket.requeued", user_id=by, from_user=had_it, why=why)
    drain_after_commit(session)


def raised(session: Session, ticket: Ticket) -> None:
    """It turned out to be urgent: it waits for nobody to take it up, and the lead hears of it."""
    if ticket.level != URGENT:
        return
    if ticket.assignee_id is None:
        drain_after_commit(session)
    elif ticket.state == "new":
        requeue(session, ticket, "urgent")
    escalate(session, ticket, "lead", "urgent")


def untouched(session: Session, ticket: Ticket) -> None:
    """Somebody has it and does nothing: the lead is told."""
    escalate(session, ticket, "lead", "untouched")


def to_head(session: Session, ticket: Ticket, why: str, department: str | None = None) -> bool:
    """Give a case to the head of a department, else of its own team, who answers for it; False where there is none.

    Whoever of them is on leave gets nothing.
    """
    head = session.scalar(_head(ticket.team, department))
    if head is None:
        return False
    upwards(session, ticket, head, why)
    escalate(session, ticket, "head", why)
    return True


def upwards(session: Session, ticket: Ticket, to: int, why: str) -> None:
    """Give it to somebody who answers for the team, to look at it now; she is not asked whether she takes it up."""
    had_it, ticket.assignee_id = ticket.assignee_id, to
    hands.given(session, ticket, to, had_it)
    clocks.end(session, ticket, "accept")
    clocks.our_turn(session, ticket)
    state = "open" if ticket.state in ("new", "waiting") else ticket.state
    _move(session, ticket, state, "ticket.assigned", to_user=to, from_user=had_it, by="routing", why=why)


def escalate(session: Session, ticket: Ticket, to: str, why: str) -> None:
    """Somebody who answers for the team must know."""
    _tell(session, ticket, "ticket.escalated", to=to, why=why)


def _head(team: str, department: str | None) -> Select[int | None]:
    """A department is known by the key or the name of its team; its head may have cases, and is not on leave."""
    known = Team.key.in_((team, department)) | (Team.name == department)
    may = User.active, User.role.in_(permissions.roles("desk.work")), ~on_leave(now())
    return select(Team.head_id).join(Team.head).where(*may, known).order_by(Team.key == team).limit(1)


def on_leave(at: datetime) -> ColumnElement[bool]:
    """Whether a user has leave."""
    return exists().where(Absence.user_id == User.id, Absence.starts_at <= at, Absence.ends_at > at)


def still_there(session: Session, user_id: int, at: datetime) -> bool:
    """Lock the agent's row, so that nobody counts their cases at the same time, if they are still there."""
    there = Presence.user_id == user_id, Presence.status == "online", Presence.online_until > at
    locking = update(Presence).where(*there).values(assigned_at=at).returning(Presence.user_id)
    return session.scalar(locking) is not None


def has_room(session: Session, user_id: int) -> bool:
    """Whether somebody is there and has fewer cases than she takes; she gets no other until this is committed."""
    if not still_there(session, user_id, now()):
        return False
    own = Ticket.assignee_id == user_id, Ticket.state.in_(HELD)
    load = session.scalar(select(func.count()).where(*own)) or 0
    return load < (session.scalar(select(func.max(Member.capacity)).where(Member.user_id == user_id)) or 0)


def _take(session: Session, ticket_id: int, choice: Choice) -> bool:
    """Compare and set: only a case of the queue, and only for somebody who has room."""
    own = held.assignee_id == choice.agent.id, held.state.in_(HELD)
    load = select(func.count()).where(*own).scalar_subquery()
    room = true() if choice.beyond_capacity else load < choice.agent.capacity
    queued = Ticket.id == ticket_id, Ticket.assignee_id.is_(None), Ticket.state.in_(QUEUED)
    taking = update(Ticket).where(*queued, room).values(assignee_id=choice.agent.id, version=Ticket.version + 1)
    return session.scalar(taking.returning(Ticket.id)) is not None


def _move(session: Session, ticket: Ticket, state: str, kind: str, **data: Any) -> None:
    """Change the state, and tell the journal from where to where."""
    before, ticket.state, ticket.version = ticket.state, state, ticket.version + 1
    _tell(session, ticket, kind, before=before, state=state, **data)


def _tell(session: Session, ticket: Ticket, kind: str, **data: Any) -> None:
    services.current().broker.wake_after_commit(session)
    journal.write(
        session,
        kind,
        conversation_id=ticket.conversation_id,
        account_id=ticket.conversation.account_id,
        ticket_id=ticket.id,
        version=ticket.version,
        **data,
    )
