"""The judgement of a load test: what counts as keeping up."""

from benchmarks.load import Outcome, Sent, share
from benchmarks.rate import kept_up

RATE, SECONDS = 50.0, 20.0


def outcome(wait: float, growing: float = 0.0) -> Outcome:
    """A run whose replies take `wait` seconds, and each one `growing` longer than the one before."""
    dues = [number / RATE for number in range(int(RATE * SECONDS))]
    messages = [Sent(f"U{due}", f"{due}", due, due + 0.01, 200) for due in dues]
    replies = [due + wait + number * growing for number, due in enumerate(dues)]
    return Outcome(messages, [*replies], SECONDS)


def test_a_slow_but_steady_system_keeps_up() -> None:
    assert kept_up(outcome(wait=1.5), RATE)


def test_a_backlog_that_grows_by_a_tenth_of_the_load_does_not_keep_up() -> None:
    assert not kept_up(outcome(wait=0.02, growing=0.1 / RATE), RATE)


def test_one_refused_or_unanswered_message_is_not_keeping_up() -> None:
    refused, unanswered = outcome(wait=0.02), outcome(wait=0.02)
    refused.messages[7].status = 503
    unanswered.replies[7] = None
    assert not kept_up(refused, RATE)
    assert not kept_up(unanswered, RATE)


def test_the_backlog_is_what_waits_at_an_average_moment() -> None:
    assert round(outcome(wait=0.5).backlog(0.25, 0.75)) == RATE * 0.5


def test_percentiles_are_of_the_sorted_values() -> None:
    assert [share(list(map(float, range(100))), part) for part in (0.5, 0.99)] == [50.0, 99.0]
    assert round(outcome(wait=0.5).latencies[0]) == 500
