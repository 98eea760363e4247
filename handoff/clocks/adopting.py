"""What code of an older release, which knows no clocks, did with a case beside us: its clocks are put right."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.clock import now
from bot.models import JournalEntry
from handoff import sla
from handoff.clocks import cases, rows, versions
from handoff.models import Clock, Ticket
from handoff.sla import Targets


class Past(NamedTuple):
    """A clock that should have begun before anybody counted, and may have been stopped since."""

    kind: str
    span: timedelta | None
    began: datetime
    stopped: datetime | None = None


def adopted(session: Session, ticket: Ticket) -> None:
    """Count a case that nobody counts from its own times. What is late is found at the next look, as any breach is."""
    if rows.of(session, ticket.id, "resolution"):  # it was over, and was opened again
        cases.reopened(session, ticket)
        return
    rules = versions.current(session)
    targets, calendar = cases.targets_of(rules, ticket)
    hours = rules.hours(calendar)
    ticket.first_response_due_at = hours.add(ticket.opened_at, targets.first)
    ticket.resolution_due_at = hours.add(ticket.opened_at, targets.resolution)
    for past in _owed(session, ticket, targets):
        clock = rows.made(ticket, past.kind)
        runs_by = sla.ALWAYS if past.kind == "customer" else calendar
        rows.start(session, clock, rules, past.span, calendar=runs_by, since=past.began)
        if past.stopped is not None:
            rows.stop(session, clock, past.stopped)
        elif ticket.state == "waiting" and past.kind in cases.PAUSING:
            rows.pause(session, clock, _last_answer(session, ticket))


def _owed(session: Session, ticket: Ticket, targets: Targets) -> Iterator[Past]:
    opened, answered = ticket.opened_at, ticket.first_response_at
    yield Past("first", targets.first, opened, answered)
    yield Past("customer", targets.customer, cases.first_words(session, ticket), answered)
    yield Past("resolution", targets.resolution, opened)
    if targets.untouched is not None:
        yield Past("untouched", targets.untouched, opened)
    if answered is None and ticket.first_response_due_at > now():  # else he has waited too long, and heard of no time
        yield Past("told", targets.first, opened)
    if answered is not None and ticket.waiting_since is not None:
        yield Past("next", targets.next, ticket.waiting_since)


def settled(session: Session, clock: Clock) -> bool:
    """Stop a clock of a case that was answered or ended without a word to its clocks; whether it was."""
    ticket = clock.ticket
    over = not ticket.live and clock.kind != "promise"
    if not over and not (clock.kind in cases.ANSWERED and ticket.waiting_since is None):
        return False
    rows.stop(session, clock, ticket.resolved_at or ticket.first_response_at)
    return True


def _last_answer(session: Session, ticket: Ticket) -> datetime:
    answers = select(func.max(JournalEntry.at)).where(
        JournalEntry.conversation_id == ticket.conversation_id, JournalEntry.kind == "ticket.replied"
    )
    return session.scalar(answers) or ticket.first_response_at or now()
