"""The countdown that agents work by."""

from datetime import UTC, datetime, timedelta

import pytest

from handoff.console import clocks
from handoff.models import Ticket

OPENED = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


@pytest.mark.parametrize(
    ("passed", "kind"),
    [(minutes(5), "calm"), (minutes(44), "calm"), (minutes(46), "soon"), (minutes(59), "soon"), (HOUR, "over")],
)
def test_a_promise_grows_urgent_in_its_last_quarter(passed: timedelta, kind: str) -> None:
    assert clocks.countdown(OPENED, OPENED + HOUR, OPENED + passed).kind == kind


def test_the_last_ten_minutes_are_urgent_however_short_the_promise() -> None:
    due = OPENED + minutes(15)
    assert clocks.countdown(OPENED, due, due - minutes(11)).kind == "calm"
    assert clocks.countdown(OPENED, due, due - minutes(10)).kind == "soon"


def test_lateness_counts_up() -> None:
    late = clocks.countdown(OPENED, OPENED + HOUR, OPENED + HOUR + minutes(2.5))
    assert (late.kind, late.minutes) == ("over", 2)


def test_the_ring_shows_what_is_left() -> None:
    assert clocks.countdown(OPENED, OPENED + HOUR, OPENED + minutes(15)).share == 75


def case(**changes: object) -> Ticket:
    facts = {"state": "open", "opened_at": OPENED, "first_response_due_at": OPENED + HOUR}
    return Ticket(**(facts | changes))


@pytest.mark.parametrize(
    ("ticket", "kind"),
    [
        (case(), "calm"),
        (case(state="waiting", first_response_at=OPENED), "waiting"),
        (case(first_response_at=OPENED, waiting_since=OPENED), "asked"),
        (case(state="resolved", resolved_at=OPENED), "closed"),
    ],
)
def test_a_row_shows_the_clock_of_what_comes_next(ticket: Ticket, kind: str) -> None:
    assert clocks.of_row(ticket, OPENED, OPENED + minutes(5)).kind == kind


def test_while_the_customer_is_asked_the_resolution_rests() -> None:
    late = OPENED + 3 * HOUR
    asked = case(state="waiting", first_response_at=OPENED, resolution_due_at=OPENED + HOUR)
    assert clocks.resolution(asked, late).kind == "paused"
    assert clocks.resolution(case(resolution_due_at=OPENED + HOUR), late).kind == "over"


def test_who_was_answered_and_waits_again_has_a_countdown_of_his_own() -> None:
    again = case(first_response_at=OPENED, waiting_since=OPENED)
    late = clocks.next_answer(again, OPENED + 2 * HOUR, OPENED + HOUR)
    assert late is not None
    assert (late.kind, late.minutes) == ("over", 60)
    assert clocks.next_answer(case(waiting_since=OPENED), OPENED, OPENED + HOUR) is None, "the first answer is owed"
    assert clocks.next_answer(case(first_response_at=OPENED), OPENED, None) is None


def test_who_waits_again_is_counted_down_like_the_first_time() -> None:
    again = case(first_response_at=OPENED, waiting_since=OPENED)
    shown = clocks.of_row(again, OPENED, OPENED + minutes(5), OPENED + HOUR)
    assert (shown.kind, shown.minutes, shown.due) == ("calm", 55, OPENED + HOUR)
