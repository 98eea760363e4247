"""What code of an older release, which knows no clocks, did with a case beside us: its clocks are put right."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.clock import now
from bot.models import JournalEntry
from handoff import sla
from handoff.clocks import cases, rows, versions
from handoff.models import Clock, Ticket
from handoff.sla import Rules, Targets


def adopted(session: Session, ticket: Ticket) -> None:
    """Count a case that nobody counts from its own times. What is late is found at the next look, as any breach is."""
    if rows.of(session, ticket.id, "resolution"):  # it was over, and was opened again
        cases.reopened(session, ticket)
        return
    rules = versions.current(session)
    targets, calendar = cases.targets_of(rules, ticket)
    _first(session, ticket, rules, targets)
    if ticket.first_response_at is not None and ticket.waiting_since is not None:
        _next(session, ticket, rules, targets, ticket.waiting_since)
    _whole(session, ticket, rules, targets, calendar)


def settled(session: Session, clock: Clock) -> bool:
    """Stop a clock of a case that was answered or ended without a word to its clocks; whether it was."""
    ticket = clock.ticket
    over = not ticket.live and clock.kind != "promise"
    if not over and not (clock.kind in cases.ANSWERED and ticket.waiting_since is None):
        return False
    rows.stop(session, clock, ticket.resolved_at or ticket.first_response_at)
    return True


def _first(session: Session, ticket: Ticket, rules: Rules, targets: Targets) -> None:
    """Until when it was promised, and since when the customer waits; over where somebody has answered."""
    due, answered = ticket.first_response_due_at, ticket.first_response_at
    first, customer = (rows.found_or_made(session, ticket, kind) for kind in ("first", "customer"))
    rows.start(session, first, rules, targets.first, since=ticket.opened_at, anchor=due - targets.first)
    rows.start(session, customer, rules, targets.customer, since=cases.first_words(session, ticket))
    if answered is not None:
        rows.stop(session, first, answered)
        rows.stop(session, customer, answered)
    elif due > now():  # else he has waited too long already: what he was told is no help to anybody
        told = rows.found_or_made(session, ticket, "told")
        rows.start(session, told, rules, targets.first, since=ticket.opened_at, anchor=due - targets.first)


def _next(session: Session, ticket: Ticket, rules: Rules, targets: Targets, since: datetime) -> None:
    hours = rules.hours(cases.targets_of(rules, ticket)[1])
    due = sla.reply_due(targets.next, since, hours)
    waiting = rows.found_or_made(session, ticket, "next")
    rows.start(session, waiting, rules, targets.next, since=since, anchor=due - targets.next)


def _whole(session: Session, ticket: Ticket, rules: Rules, targets: Targets, calendar: str) -> None:
    """Since it was opened; resting since the last answer where we wait for the customer."""
    spans = {"resolution": targets.resolution, "untouched": targets.untouched}
    for kind, span in spans.items():
        if span is None:
            continue
        clock = rows.found_or_made(session, ticket, kind)
        rows.start(session, clock, rules, span, calendar=calendar, since=ticket.opened_at)
        if kind == "resolution":
            ticket.resolution_due_at = clock.due_at or ticket.resolution_due_at
        if ticket.state == "waiting":
            rows.pause(session, clock, _last_answer(session, ticket))


def _last_answer(session: Session, ticket: Ticket) -> datetime:
    answers = select(func.max(JournalEntry.at)).where(
        JournalEntry.conversation_id == ticket.conversation_id, JournalEntry.kind == "ticket.replied"
    )
    return session.scalar(answers) or ticket.first_response_at or now()
