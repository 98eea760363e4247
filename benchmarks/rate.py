"""The highest rate of messages that this machine keeps up with: the backlog does not grow while they come."""

from collections.abc import Iterator
from typing import Any

from benchmarks import machine, past, processes
from benchmarks.latency import cost, figures, warm_up
from benchmarks.load import Outcome
from benchmarks.questions import distinct
from benchmarks.shop import release
from benchmarks.stage import stage
from bot import db

CUSTOMERS = 60_000
SLACK_SECONDS = 0.25  # by so much the last quarter's backlog may exceed that of the quarter before
TOO_SLOW_SECONDS = 2.0  # whoever waits this long is in a backlog already
CLOSE = 1.1
TRIES = 8


def measure(kind: str, view: str, first: float, seconds: float) -> dict[str, Any]:
    """Search for the highest rate, beginning with `first`; `view` tells which questions: characters or embedding."""
    with stage(kind, CUSTOMERS) as shop:
        engine = db.connect(shop.settings)
        facts = machine.facts(engine)
        engine.dispose()
        customers = past.customers(CUSTOMERS)
        warm_up(shop, customers)
        crowd = shop.crowd(distinct(release(shop.settings), view == "characters"), customers)
        tries = []
        for rate in _rates(first, tries):
            before = processes.cpu_by_kind(shop.processes())
            outcome = crowd.write(rate, seconds)
            after = processes.cpu_by_kind(shop.processes())
            tries.append(
                {
                    "rate": round(rate, 1),
                    "kept_up": kept_up(outcome, rate),
                    "backlog": [round(outcome.backlog(a, b), 1) for a, b in ((0.25, 0.5), (0.5, 0.75), (0.75, 1))],
                    **figures(outcome),
                    "cpu_ms_a_message": cost(before, after, len(outcome.messages)),
                    "load_average": machine.load(),
                }
            )
        kept = [one["rate"] for one in tries if one["kept_up"]]
        return {"benchmark": "rate", **facts, "view": view, "highest_rate": max(kept, default=0.0), "tries": tries}


def kept_up(outcome: Outcome, rate: float) -> bool:
    """Whether everything was taken and answered, and the backlog did not grow."""
    before, at_last = outcome.backlog(0.5, 0.75), outcome.backlog(0.75, 1.0)
    steady = at_last - before <= rate * SLACK_SECONDS and at_last <= rate * TOO_SLOW_SECONDS
    return steady and not outcome.refused and not outcome.unanswered


def _rates(first: float, tries: list[dict[str, Any]]) -> Iterator[float]:
    """Up by halves while it keeps up, down while it does not, then between the two until they are close."""
    low, high, rate = 0.0, 0.0, first
    while len(tries) < TRIES and not (low and high and high / low <= CLOSE):
        yield rate
        if tries[-1]["kept_up"]:
            low = max(low, rate)
        else:
            high = min(high or rate, rate)
        rate = (low * high) ** 0.5 if low and high else low * 1.4 or high / 1.4
