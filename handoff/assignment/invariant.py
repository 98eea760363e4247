"""Every open case has exactly one owner or one queue, and every conversation somebody who answers.

Looked at each minute. What is found broken is mended under the conversation's lock, told to the journal, and alarms.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import structlog
from prometheus_client import Counter
from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from bot import conversations, db, journal, services
from bot.auth import permissions
from bot.clock import after
from bot.models import Conversation, User
from bot.nlu.policy import load as load_policy
from bot.ports import Handoff
from bot.services import Services
from bot.sweeper import every
from bot.transactions import transact
from handoff import clocks
from handoff.assignment.claims import ACCEPT, requeue
from handoff.assignment.queue import QUEUED
from handoff.models import LIVE, CaseThread, Clock, Team, Ticket

LIMIT = 100  # a round's repairs of one kind; what is left is mended in the next
SETTLED = 60.0  # seconds: what is younger may be in the middle of it
UNHEARD = "nobody_listens"

log = structlog.get_logger()
violations = Counter("frontline_invariant_violations_total", "Cases without one owner or one queue, mended", ["what"])


class Law(NamedTuple):
    """How a live case is when it breaks it, and what mends it."""

    broken: ColumnElement[bool]
    mend: Callable[[Session, Ticket], None]


@every(60)
def look(current: Services) -> None:
    """Find what must not be, and mend it."""
    for what in LAWS:
        for ticket_id in _found(current, _broken(what)):
            transact(current.sessions, partial(_mend, what=what, ticket_id=ticket_id))
    for conversation_id in _found(current, _unheard()):
        transact(current.sessions, partial(_hear, conversation_id=conversation_id))


def _found(current: Services, query: Select[int]) -> list[int]:
    with db.reading(current.sessions) as session:
        return list(session.scalars(query.limit(LIMIT)))


def _broken(what: str) -> Select[int]:
    return select(Ticket.id).where(Ticket.state.in_(LIVE), LAWS[what].broken)


def _unheard() -> Select[int]:
    """Conversations that the bot leaves to a person, while no case tells a person so."""
    joined = exists().where(CaseThread.conversation_id == Conversation.id, CaseThread.ticket_id == Ticket.id)
    case = exists(
        select(Ticket.id).where(or_(Ticket.conversation_id == Conversation.id, joined), Ticket.state.in_(LIVE))
    )
    held = Conversation.owner == "human", Conversation.last_customer_at < after(-SETTLED)
    return select(Conversation.id).where(*held, ~case)


def _mend(session: Session, what: str, ticket_id: int) -> None:
    """Under the lock, if it is still so."""
    ticket = session.get_one(Ticket, ticket_id)
    conversations.locked(session, ticket.conversation_id)
    if session.scalar(_broken(what).where(Ticket.id == ticket_id)) is None:
        return
    session.refresh(ticket)
    LAWS[what].mend(session, ticket)
    _alarm(session, what, ticket.conversation_id, ticket)


def _hear(session: Session, conversation_id: int) -> None:
    conversations.locked(session, conversation_id)
    if session.scalar(_unheard().where(Conversation.id == conversation_id)) is None:
        return
    case = services.current().wiring.desk.open(session, _handoff(conversation_id))
    _alarm(session, UNHEARD, conversation_id, session.get_one(Ticket, case.ticket_id))


def _alarm(session: Session, what: str, conversation_id: int, ticket: Ticket) -> None:
    case: dict[str, Any] = {"ticket_id": ticket.id, "team": ticket.team}
    journal.write(session, "invariant.violated", conversation_id=conversation_id, what=what, **case)
    services.current().broker.wake_after_commit(session)
    violations.labels(what).inc()
    log.error("invariant.violated", what=what, ticket_id=ticket.id)


def _handoff(conversation_id: int) -> Handoff:
    return Handoff(
        conversation_id=conversation_id,
        reason="對話在真人手上，卻沒有案件",
        reasons=(UNHEARD,),
        intent="",
        category="out_of_scope",
        level="L3",
        priority="normal",
        team=_somewhere(),
        route="human",
        summary="",
    )


def _somewhere() -> str:
    """The team of what nobody understands."""
    return load_policy()[0].of("").team


def _release(session: Session, ticket: Ticket) -> None:
    requeue(session, ticket, "owner_gone")


def _queue(session: Session, ticket: Ticket) -> None:
    requeue(session, ticket, "not_in_queue")


def _move(session: Session, ticket: Ticket) -> None:
    ticket.team = _somewhere()
    requeue(session, ticket, "team_gone")


def _take_from_bot(session: Session, ticket: Ticket) -> None:
    ticket.conversation.owner = "human"


def _ask_again(session: Session, ticket: Ticket) -> None:
    clocks.begin(session, ticket, "accept", ACCEPT)


_at_work = exists().where(User.id == Ticket.assignee_id, User.active, User.role.in_(permissions.roles("desk.work")))
_asked = exists().where(Clock.ticket_id == Ticket.id, Clock.kind == "accept", Clock.state == "running")
_bot_held = exists().where(Conversation.id == Ticket.conversation_id, Conversation.owner == "bot")

LAWS = {
    "owner_gone": Law(and_(Ticket.assignee_id.is_not(None), ~_at_work), _release),
    "not_in_queue": Law(and_(Ticket.assignee_id.is_(None), Ticket.state.not_in(QUEUED)), _queue),
    "team_gone": Law(
        and_(Ticket.assignee_id.is_(None), Ticket.team.not_in(select(Team.key)), exists(select(Team.id))), _move
    ),
    "bot_answers": Law(and_(~Ticket.side, _bot_held), _take_from_bot),
    "never_accepted": Law(and_(Ticket.assignee_id.is_not(None), Ticket.state == "new", ~_asked), _ask_again),
}
