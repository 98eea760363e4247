"""Watches the clocks: who is due is found by an index, told once, and climbs the ladder. Two tickers are harmless."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from operator import itemgetter

import structlog
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, joinedload

from bot import conversations, db
from bot.clock import after, now
from bot.services import Services
from bot.sweeper import every
from bot.transactions import passes, transact
from handoff import assignment, clocks, sla, tickets
from handoff.models import Clock, Ticket
from handoff.tickets import records, speaking

PACE = 0.2
BATCH, FEW = 100, 10
TO_CUSTOMERS = "told"
PATIENCE = 1.0  # seconds of one round; the ticker has other work too
ALONE = 5.0  # seconds
BRIEFLY = 0.5  # seconds that one look waits for what somebody holds
REST = 30  # seconds for a clock that could not be told of
OF_THE_RULES = frozenset({"first", "next", "resolution", "customer"})
Due = tuple[int, int]  # a clock and its conversation
Hook = Callable[[Session, Ticket], None]

log = structlog.get_logger()

MISSED: Mapping[str, Hook] = {
    "accept": assignment.not_accepted,
    "untouched": assignment.untouched,
    "department": tickets.department_missed,
    "promise": tickets.promise_due,
    "proposal": tickets.proposal_silent,
}
"""What is done when a clock of its own runs out; it tells the journal itself."""


@every(PACE)
def tick(current: Services) -> None:
    """Tell of all that is due. The cost grows with that, not with what runs.

    What a customer is to hear takes longer to find out: a few at a time, so that no breach waits for it.
    """
    ends = time.monotonic() + PATIENCE
    while (due := _due(current, Clock.kind != TO_CUSTOMERS, BATCH)) and time.monotonic() < ends:
        _tell(current, due)
    if due := _due(current, Clock.kind == TO_CUSTOMERS, FEW):
        _tell(current, due)


def _due(current: Services, whose: ColumnElement[bool], at_once: int) -> Sequence[Due]:
    waiting = (
        select(Clock.id, Ticket.conversation_id)
        .join(Ticket, Ticket.id == Clock.ticket_id)
        .where(Clock.next_at <= now(), whose)
        .order_by(Clock.next_at)
        .limit(at_once)
    )
    with db.reading(current.sessions) as session:
        return [(clock, conversation) for clock, conversation in session.execute(waiting)]


def _tell(current: Services, due: Sequence[Due]) -> None:
    """All in one transaction; where one of them fails, each alone, so that it stops no other."""
    try:
        transact(current.sessions, partial(_climb, due=due), PATIENCE)
    except Exception as error:
        log.warning("clock.each_for_itself", error=type(error).__name__)
        ends = time.monotonic() + ALONE
        for one in due:
            if time.monotonic() < ends:  # else all are held up, and come round again
                _alone(current, one)


def _alone(current: Services, due: Due) -> None:
    try:
        transact(current.sessions, partial(_climb, due=[due]), BRIEFLY)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise  # there is no database: nobody need try the others
        if not passes(error):
            _put_off(current, due)
    except Exception:
        _put_off(current, due)


def _put_off(current: Services, due: Due) -> None:
    """It failed: it comes again later, and the others do not wait for it."""
    log.exception("clock.failed", clock_id=due[0])
    later = update(Clock).where(Clock.id == due[0]).values(next_at=after(REST))
    transact(current.sessions, lambda session: session.execute(later))


def _climb(session: Session, due: Sequence[Due]) -> None:
    """Under their conversations' locks, taken in the one order; what was answered meanwhile is not due any more.

    So many statements for a batch, not for a clock: a thousand that run out at once are found within two seconds.
    """
    conversations.hold(session, sorted({conversation for _, conversation in due}))
    still = (
        select(Clock)
        .where(Clock.id.in_(map(itemgetter(0), due)), Clock.next_at <= now())
        .options(joinedload(Clock.ticket).joinedload(Ticket.conversation))
        .order_by(Clock.next_at)
        .with_for_update(of=Clock)
    )
    for clock in session.scalars(still):
        _one(session, clock)


def _one(session: Session, clock: Clock) -> None:
    if clocks.settled(session, clock):
        return
    rungs = clocks.climb(session, clock)
    if not rungs or (clock.kind == "untouched" and clocks.was_touched(session, clock)):
        return
    if clock.kind == TO_CUSTOMERS:
        _tell_customer(session, clock)
    elif clock.told < sla.BREACH:
        _warn(session, clock, rungs[-1].to)
    else:
        _breach(session, clock, rungs)
    if clock.kind in OF_THE_RULES:
        tickets.climbed(session, clock.ticket, rungs, clock.kind)


def _tell_customer(session: Session, clock: Clock) -> None:
    """Where he wrote last; who has only a telephone is told nothing by us."""
    where = speaking.able(session, clock.ticket)
    if where is not None:
        clocks.look_again(session, clock.ticket, clock, where)


def _warn(session: Session, clock: Clock, to: str) -> None:
    due = _iso(clock.due_at)
    records.tell(session, clock.ticket, "clock.warned", clock=clock.kind, due_at=due, percent=clock.told, to=to)


def _breach(session: Session, clock: Clock, rungs: Sequence[sla.Rung]) -> None:
    """Found once, at the breach; on the rungs above it only the ladder goes on."""
    if any(rung.at == sla.BREACH for rung in rungs):
        records.tell(session, clock.ticket, "clock.breached", clock=clock.kind, due_at=_iso(clock.due_at))
        if missed := MISSED.get(clock.kind):
            missed(session, clock.ticket)
    if clock.kind in OF_THE_RULES:
        records.record(session, clock.ticket, "ticket.escalated", to=rungs[-1].to, why=clock.kind)


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""
