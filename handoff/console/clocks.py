"""How much time is left, as a row shows it. Pure, so that the picture and the promise can be tested."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from handoff.models import Ticket

SOON = timedelta(minutes=10)


@dataclass(frozen=True)
class Clock:
    """A countdown. `kind`: calm, soon, over (late), waiting (for the customer), paused, done, asked (customer waits).

    `since` or `due` is the instant it counts from or to; `share` is what is left of the whole, in percent.
    """

    kind: str
    minutes: int
    seconds: int = 0
    share: int = 0
    due: datetime | None = None


def countdown(start: datetime, due: datetime, at: datetime) -> Clock:
    """Time left until `due`, of the span that began at `start`."""
    left = due - at
    minutes, seconds = divmod(abs(int(left.total_seconds())), 60)
    if left <= timedelta(0):
        return Clock("over", minutes, due=due)
    whole = max(due - start, timedelta(seconds=1))
    share = min(100, round(100 * left / whole))
    kind = "soon" if left <= SOON or share <= 25 else "calm"
    return Clock(kind, minutes, seconds, share, due)


def elapsed(kind: str, since: datetime, at: datetime) -> Clock:
    return Clock(kind, max(0, int((at - since).total_seconds() // 60)))


def first_response(ticket: Ticket, at: datetime) -> Clock:
    """Running until an agent has answered; afterwards how long that took."""
    if ticket.first_response_at:
        return elapsed("done", ticket.opened_at, ticket.first_response_at)
    return countdown(ticket.opened_at, ticket.first_response_due_at, at)


def next_answer(ticket: Ticket, at: datetime, due: datetime | None) -> Clock | None:
    """Until when a customer who was answered before and waits again is to be answered; nothing where none waits."""
    if not ticket.live or ticket.first_response_at is None or ticket.waiting_since is None or due is None:
        return None
    return countdown(ticket.waiting_since, due, at)


def resolution(ticket: Ticket, at: datetime) -> Clock:
    """Resting while the case waits for its customer: that time is not ours."""
    if ticket.resolved_at:
        return elapsed("done", ticket.opened_at, ticket.resolved_at)
    if ticket.state == "waiting":
        return Clock("paused", 0)
    return countdown(ticket.opened_at, ticket.resolution_due_at, at)


def of_row(ticket: Ticket, last_at: datetime, at: datetime, next_due: datetime | None = None) -> Clock:
    """The one clock that a list row shows: whichever tells what has to happen next.

    `next_due`: until when the customer is to be answered again.
    """
    if not ticket.live:
        return elapsed("closed", ticket.resolved_at or last_at, at)
    if ticket.state == "waiting":
        return elapsed("waiting", last_at, at)
    if ticket.first_response_at is None:
        return first_response(ticket, at)
    if ticket.waiting_since is None:
        return resolution(ticket, at)
    return countdown(ticket.waiting_since, next_due, at) if next_due else elapsed("asked", ticket.waiting_since, at)
