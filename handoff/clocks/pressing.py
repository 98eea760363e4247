"""What comes first today and what is nearly due: one judgement for the morning's list, the board and programs.

Only live cases and clocks that nobody stopped are read, so that it costs what is open and not what ever was.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from bot.models import Conversation
from handoff.models import LIVE, Clock, Ticket

PROMISED = ("first", "next", "resolution", "promise", "department")
URGENT = "L1"
SOON = timedelta(minutes=30)
RUNNING = Clock.kind.in_(PROMISED), Clock.state == "running", Clock.stopped_at.is_(None)

_next = (
    select(Clock.ticket_id, func.min(Clock.due_at).label("due")).where(*RUNNING).group_by(Clock.ticket_id).subquery()
)
WORST_FIRST = Ticket.level, _next.c.due.is_(None), _next.c.due, Ticket.id
SOONEST_FIRST = _next.c.due, Ticket.id
SHOWN = (
    joinedload(Ticket.assignee),
    joinedload(Ticket.contact),
    joinedload(Ticket.conversation).joinedload(Conversation.account),
)
"""What a list of cases shows of each besides itself."""


def comes_first(at: datetime) -> ColumnElement[bool]:
    """What is urgent by its level, late already, or came back."""
    return or_(Ticket.level == URGENT, Ticket.reopened > 0, is_late(at))


def is_late(at: datetime) -> ColumnElement[bool]:
    return and_(_next.c.due.is_not(None), _next.c.due < at)


def is_near(at: datetime, within: timedelta) -> ColumnElement[bool]:
    return and_(_next.c.due.is_not(None), _next.c.due >= at, _next.c.due < at + within)


def is_due(by: datetime | SQLColumnExpression[datetime]) -> ColumnElement[bool]:
    """Something that was promised is late, or will be by then: within half an hour (SOON) it is nearly due."""
    return exists().where(Clock.ticket_id == Ticket.id, *RUNNING, Clock.due_at < by)


def next_due() -> ColumnElement[datetime]:
    """When what was promised next is due; where nothing else is, the solution."""
    running = select(func.min(Clock.due_at)).where(Clock.ticket_id == Ticket.id, *RUNNING)
    return func.coalesce(running.correlate(Ticket).scalar_subquery(), Ticket.resolution_due_at)


def cases(which: ColumnElement[bool], order: Sequence[Any], limit: int) -> Select[Ticket]:
    """Live cases of which this is true."""
    return _live(select(Ticket)).where(which).options(*SHOWN).order_by(*order).limit(limit)


def tally(session: Session, *which: ColumnElement[bool]) -> list[int]:
    """Of how many live cases each of these is true, in one look."""
    counted = (func.coalesce(func.sum(case((part, 1), else_=0)), 0) for part in which)
    return list(session.execute(_live(select(*counted).select_from(Ticket))).one())


def soonest(session: Session, ticket_ids: Sequence[int]) -> Mapping[int, Clock]:
    """What was promised next, by case; none where it is the customer's turn."""
    running = select(Clock).where(Clock.ticket_id.in_(ticket_ids), Clock.due_at.is_not(None), *RUNNING)
    latest_first = session.scalars(running.order_by(Clock.due_at.desc()))
    return {clock.ticket_id: clock for clock in latest_first}


def _live(found: Select[Any]) -> Select[Any]:
    return found.outerjoin(_next, _next.c.ticket_id == Ticket.id).where(Ticket.state.in_(LIVE))
