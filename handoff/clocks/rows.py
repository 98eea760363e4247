"""One clock of a case: started, paused, going on, stopped; and when somebody must be told of it next."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bot.clock import now
from handoff import sla
from handoff.clocks import versions
from handoff.models import Clock, Ticket
from handoff.sla import Rules, Rung

AT_ONCE = (Rung(sla.BREACH, "lead"),)
WITH_WARNING = (Rung(80, "agent"), Rung(sla.BREACH, "lead"))
LADDERS = {
    "accept": AT_ONCE,
    "customer": (Rung(sla.BREACH, "lead", sla.usual(sla.BREACH)),),
    "department": (Rung(80, "agent"), Rung(sla.BREACH, "head")),
    "promise": WITH_WARNING,
    "proposal": AT_ONCE,
    "told": WITH_WARNING,
    "untouched": AT_ONCE,
}
"""Who is told when, of the clocks that have no place on the ladder of the rules."""


def made(ticket: Ticket, kind: str, subject: int = 0) -> Clock:
    """A clock of a case that has none of this kind."""
    return Clock(ticket_id=ticket.id, kind=kind, subject=subject)


def of(session: Session, ticket_id: int, *kinds: str) -> Sequence[Clock]:
    """The clocks of a case, locked as they are now, with what this transaction changed."""
    session.flush()
    found = select(Clock).where(Clock.ticket_id == ticket_id, Clock.kind.in_(kinds)).order_by(Clock.id)
    return session.scalars(found.with_for_update(), execution_options={"populate_existing": True}).all()


def replies_due(session: Session, ticket_ids: Sequence[int]) -> dict[int, datetime]:
    """Until when each of these customers is to be answered, where one waits."""
    waiting = select(Clock.ticket_id, Clock.due_at).where(
        Clock.ticket_id.in_(ticket_ids), Clock.kind.in_(("first", "next")), Clock.stopped_at.is_(None)
    )
    return {ticket_id: due for ticket_id, due in session.execute(waiting) if due is not None}


def customers_wait(session: Session, ticket: Ticket) -> timedelta | None:
    """How long the customer waited for a person, from his first words on, or has so far; nights count."""
    clock = session.scalar(select(Clock).where(Clock.ticket_id == ticket.id, Clock.kind == "customer"))
    return (clock.stopped_at or now()) - clock.started_at if clock else None


def due(session: Session, ticket: Ticket, kind: str) -> dict[int, datetime]:
    """Until when what its clocks of a kind ask for is to be done, by subject; of those that run."""
    running = Clock.ticket_id == ticket.id, Clock.kind == kind, Clock.state == "running"
    found = session.execute(select(Clock.subject, Clock.due_at).where(*running))
    return {subject: due for subject, due in found if due is not None}


def found_or_made(session: Session, ticket: Ticket, kind: str, subject: int = 0) -> Clock:
    known = (clock for clock in of(session, ticket.id, kind) if clock.subject == subject)
    return next(known, None) or made(ticket, kind, subject)


def start(
    session: Session,
    clock: Clock,
    rules: Rules,
    span: timedelta | None,
    *,
    calendar: str = sla.ALWAYS,
    since: datetime | None = None,
    anchor: datetime | None = None,
) -> None:
    """Start it, also anew, and keep it. How it is wound tells `wind`."""
    session.add(wind(session, clock, rules, span, calendar=calendar, since=since, anchor=anchor))


def start_all(session: Session, wound: Sequence[Clock]) -> None:
    """Keep clocks that were never kept, in one statement: a new case has five, and a rush has many new cases."""
    keys = [column.key for column in Clock.__table__.columns if not column.primary_key]
    session.execute(insert(Clock.__table__), [{key: getattr(clock, key) for key in keys} for clock in wound])  # type: ignore[arg-type]


def wind(
    session: Session,
    clock: Clock,
    rules: Rules,
    span: timedelta | None,
    *,
    calendar: str = sla.ALWAYS,
    since: datetime | None = None,
    anchor: datetime | None = None,
) -> Clock:
    """Have it run from its beginning. Its `span` runs in the time of `calendar`; without one it only measures.

    `since`: when it began for whoever waits; `anchor`: when the span begins to be counted.
    """
    clock.rules, clock.calendar = rules.version, calendar
    clock.target = span.total_seconds() if span is not None else None
    clock.started_at = since or now()
    clock.anchor_at, clock.spent = anchor or clock.started_at, 0.0
    clock.state, clock.breached_at, clock.stopped_at = "running", None, None
    clock.told = _told_before(session, clock, clock.started_at)
    _look_ahead(session, clock)
    return clock


def retarget(
    session: Session,
    clock: Clock,
    rules: Rules,
    span: timedelta,
    *,
    calendar: str,
    spent: timedelta,
    anchor: datetime,
) -> None:
    """Another target, of which `spent` was over at `anchor`; it runs on, or rests on. Nobody is warned of the past."""
    clock.rules, clock.calendar, clock.target = rules.version, calendar, span.total_seconds()
    clock.anchor_at, clock.spent, clock.breached_at = anchor, spent.total_seconds(), None
    clock.told = _told_before(session, clock, now())
    _look_ahead(session, clock)
    clock.next_at = clock.next_at if clock.state == "running" else None


def inherit(session: Session, clock: Clock, former: Clock) -> None:
    """It runs on in place of another case's, with what was left of that one; what was told of it is told."""
    span = timedelta(seconds=former.target or 0)
    start(session, clock, versions.of(session, former.rules), span, calendar=former.calendar, since=former.started_at)
    clock.told, clock.breached_at = former.told, former.breached_at
    clock.anchor_at, clock.spent = former.anchor_at, former.spent
    _look_ahead(session, clock)


def pause(session: Session, clock: Clock, at: datetime | None = None) -> None:
    """It rests, from a moment that may be past: nobody is told of it, and no time is spent."""
    if clock.state == "running":
        _rest(session, clock, at or now())
        clock.state = "paused"


def go_on(session: Session, clock: Clock) -> None:
    """It runs on with what was left, also when it had been stopped."""
    if clock.state != "running":
        clock.state, clock.stopped_at, clock.anchor_at = "running", None, now()
        _look_ahead(session, clock)


def stop(session: Session, clock: Clock, at: datetime | None = None) -> None:
    """What it asked for was done, at a moment that may be past."""
    done = at or now()
    if clock.state == "running":
        _rest(session, clock, done)
    if clock.stopped_at is None:
        clock.state, clock.stopped_at = "stopped", done


def climb(session: Session, clock: Clock) -> list[Rung]:
    """Mark what is to be told of it now; nothing where somebody was faster."""
    at = now()
    rungs = sla.passed(run(session, clock), ladder(session, clock), clock.told, at)
    if rungs:
        clock.told = rungs[-1].at
        clock.breached_at = at if clock.told >= sla.BREACH and clock.breached_at is None else clock.breached_at
    _look_ahead(session, clock)
    return rungs


def run(session: Session, clock: Clock) -> sla.Run:
    """The clock as arithmetic."""
    hours = versions.of(session, clock.rules).hours(clock.calendar)
    return sla.Run(timedelta(seconds=clock.target or 0), clock.anchor_at, timedelta(seconds=clock.spent), hours)


def ends(session: Session, clock: Clock) -> datetime:
    """When its target is over, or would be if it ran on from here."""
    counted = run(session, clock)
    return sla.mark(counted if clock.state == "running" else replace(counted, anchor=now()), sla.BREACH)


def ladder(session: Session, clock: Clock) -> Sequence[Rung]:
    """Who is told of it, and when."""
    if clock.target is None:
        return ()
    return LADDERS.get(clock.kind) or versions.of(session, clock.rules).ladder


def _rest(session: Session, clock: Clock, at: datetime) -> None:
    clock.spent, clock.next_at = run(session, clock).at(at).total_seconds(), None


def _look_ahead(session: Session, clock: Clock) -> None:
    """Set when it is due, and when somebody must be told next."""
    running = run(session, clock)
    clock.due_at = sla.mark(running, sla.BREACH) if clock.target is not None else None
    clock.next_at = sla.next_mark(running, ladder(session, clock), clock.told)


def _told_before(session: Session, clock: Clock, began: datetime) -> int:
    """Warnings that were due before it began warn of nothing: its time was short from the beginning."""
    warnings = [rung for rung in ladder(session, clock) if rung.at < sla.BREACH]
    return max((rung.at for rung in sla.passed(run(session, clock), warnings, 0, began)), default=0)
