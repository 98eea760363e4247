"""The register of promises: what, to whom, by when; kept, or broken when their time has passed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import now
from bot.errors import Refused
from handoff import clocks
from handoff.models import CasePromise, Ticket
from handoff.tickets import records
from handoff.tickets.actions import written


def make(session: Session, ticket_id: int, user_id: int, what: str, to_whom: str, due_at: datetime) -> CasePromise:
    """Write down what was promised. A clock warns whoever has the case before it is due."""
    ticket, user = records.own(session, "promise", ticket_id, user_id)
    if due_at <= now():
        raise Refused("承諾的時間要在未來。")
    promise = CasePromise(
        ticket_id=ticket.id, what=written(what)[:200], to_whom=to_whom.strip()[:80], due_at=due_at, made_by=user.id
    )
    session.add(promise)
    session.flush()
    clocks.begin(session, ticket, "promise", due_at, promise.id)
    records.record(session, ticket, "promise.made", user_id=user.id, promise_id=promise.id, due_at=due_at.isoformat())
    return promise


def keep(session: Session, ticket_id: int, user_id: int, promise_id: int) -> CasePromise:
    """It was done, in time or late; one that was broken stays so. A promise outlives the case's being solved."""
    ticket, user = records.own(session, "file", ticket_id, user_id)
    promise = session.get(CasePromise, promise_id, populate_existing=True)
    if promise is None or promise.ticket_id != ticket.id:
        raise Refused("找不到這個承諾。")
    if promise.kept_at is None:
        promise.kept_at = now()
        promise.state = "kept" if promise.state == "open" and promise.kept_at <= promise.due_at else "broken"
        clocks.end(session, ticket, "promise", promise.id)
        records.record(
            session, ticket, "promise.kept", user_id=user.id, promise_id=promise.id, late=promise.state == "broken"
        )
    return promise


def due(session: Session, ticket: Ticket) -> None:
    """What should have been done by now and was not is broken; each is told once."""
    records.held(session, ticket.id)
    late = select(CasePromise).where(
        CasePromise.ticket_id == ticket.id, CasePromise.state == "open", CasePromise.due_at <= now()
    )
    for promise in session.scalars(late).all():
        promise.state, promise.broken_at = "broken", now()
        records.record(session, ticket, "promise.broken", promise_id=promise.id)


def of(session: Session, ticket: Ticket) -> Sequence[CasePromise]:
    """The promises of a case, the next one due first."""
    found = select(CasePromise).where(CasePromise.ticket_id == ticket.id)
    return session.scalars(found.order_by(CasePromise.kept_at.is_not(None), CasePromise.due_at)).all()
