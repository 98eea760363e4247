"""Every open case has exactly one owner or one queue and clocks that count it, every conversation somebody who answers.

Looked at each minute. What is found broken is mended under the conversation's lock, told to the journal, and alarms.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
from prometheus_client import Counter
from sqlalchemy import Select, exists, or_, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot import conversations, db, journal, services
from bot.clock import after
from bot.models import Conversation
from bot.nlu.policy import load as load_policy
from bot.ports import Handoff
from bot.services import Services
from bot.sweeper import every
from bot.transactions import transact
from handoff.invariant.laws import LAWS, broken
from handoff.models import LIVE, CaseThread, Ticket

LIMIT = 100  # a round's repairs of one kind; what is left is mended in the next
SETTLED = 60.0  # seconds: what is younger may be in the middle of it
UNHEARD = "nobody_listens"

log = structlog.get_logger()
violations = Counter("frontline_invariant_violations_total", "Cases that broke a law of the desk, mended", ["what"])


@every(60)
def look(current: Services) -> None:
    """Find what must not be, and mend it."""
    for what in LAWS:
        for ticket_id in _found(current, broken(what)):
            _alone(current, what, partial(_mend, what=what, ticket_id=ticket_id))
    for conversation_id in _found(current, _unheard()):
        _alone(current, UNHEARD, partial(_hear, conversation_id=conversation_id))


def _found(current: Services, query: Select[int]) -> list[int]:
    with db.reading(current.sessions) as session:
        return list(session.scalars(query.limit(LIMIT)))


def _alone(current: Services, what: str, mend: Callable[[Session], None]) -> None:
    """One that cannot be mended keeps no other from it."""
    try:
        transact(current.sessions, mend)
    except DBAPIError:
        raise  # no other could be mended now either
    except Exception:
        log.exception("invariant.not_mended", what=what)


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
    if session.scalar(broken(what).where(Ticket.id == ticket_id)) is None:
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
        team=load_policy()[0].front_line,
        route="human",
        summary="",
    )
