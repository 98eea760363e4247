"""A case was taken for more urgent than it is: its clocks are counted by its new level, from the case's own times."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import now
from bot.models import JournalEntry
from handoff.clocks import cases, rows, versions
from handoff.hours import OpeningHours
from handoff.models import Clock, Ticket

RESTS = ("waiting", "resolved", "closed")


def lowered(session: Session, ticket: Ticket) -> None:
    """As if it had had this level from the beginning. What was answered in time, or late, stays as it was."""
    rules = versions.current(session)
    targets, calendar = cases.targets_of(rules, ticket)
    hours = rules.hours(calendar)
    for clock in rows.of(session, ticket.id, "first", "next", "resolution", "untouched"):
        span = getattr(targets, clock.kind)
        if clock.stopped_at is None and span is not None:
            spent, anchor = _counted(session, ticket, clock, hours)
            rows.retarget(session, clock, rules, span, calendar=calendar, spent=spent, anchor=anchor)
    cases.write_down(session, ticket)


def _counted(session: Session, ticket: Ticket, clock: Clock, hours: OpeningHours) -> tuple[timedelta, datetime]:
    """How much of it was spent at a moment, since which it runs."""
    if clock.kind == "resolution":
        return _worked(session, ticket, hours)
    if clock.kind == "untouched":
        return timedelta(seconds=clock.spent), clock.anchor_at
    return timedelta(), clock.started_at


def _worked(session: Session, ticket: Ticket, hours: OpeningHours) -> tuple[timedelta, datetime]:
    """The time since it was opened in which it was ours to work on, as the journal tells of its states."""
    spent, since, rests = timedelta(), ticket.opened_at, False
    for at, state in _states(session, ticket):
        if state in RESTS and not rests:
            spent += hours.between(since, at)
        elif rests and state not in RESTS:
            since = at
        rests = state in RESTS
    return spent, now() if rests else since


def _states(session: Session, ticket: Ticket) -> Iterator[tuple[datetime, str]]:
    told = select(JournalEntry.at, JournalEntry.data).where(
        JournalEntry.conversation_id == ticket.conversation_id, JournalEntry.kind.like("ticket.%")
    )
    for at, data in session.execute(told.order_by(JournalEntry.id)):
        if data.get("ticket_id") == ticket.id and "state" in data:
            yield at, data["state"]
