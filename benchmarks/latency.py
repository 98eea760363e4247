"""From a customer's message to the reply on LINE: how long at a steady rate, and what it costs each process."""

import itertools
import json
from typing import Any

from benchmarks import machine, past, processes
from benchmarks.load import Outcome, share
from benchmarks.questions import distinct, mixed
from benchmarks.shop import release
from benchmarks.stage import Stage, stage
from bot import db

WARM_UP = 8.0  # seconds; both workers load model and embedding, and each web thread its first connection
WARM_RATE = 10.0


def measure(kind: str, rate: float, seconds: float, questions: int) -> dict[str, Any]:
    """Reply latency at `rate` messages a second, with this many different questions in a cycle."""
    messages = int(rate * seconds * 1.3 + 100)
    with stage(kind, messages + 200) as shop:
        engine = db.connect(shop.settings)
        facts = machine.facts(engine)
        engine.dispose()
        asked = list(itertools.islice(mixed(release(shop.settings), by_characters(shop)), questions))
        customers = past.customers(messages + 200)
        warm_up(shop, customers)
        crowd = shop.crowd(itertools.cycle(asked), customers)
        before = processes.cpu_by_kind(shop.processes())
        outcome = crowd.write(rate, seconds)
        after = processes.cpu_by_kind(shop.processes())
        return {
            "benchmark": "latency",
            **facts,
            "load_average_after": machine.load(),
            "rate": rate,
            "seconds": seconds,
            "distinct_questions": len(asked),
            "by_characters": round(by_characters(shop), 2),
            **figures(outcome),
            "cpu_ms_a_message": cost(before, after, len(outcome.messages)),
        }


def warm_up(shop: Stage, customers: Any) -> None:
    """Every worker has answered a few questions of the costly kind."""
    strange = distinct(release(shop.settings), by_characters=False, seed=99)
    shop.crowd(strange, customers).write(WARM_RATE, WARM_UP)


def by_characters(shop: Stage) -> float:
    """The share of unseen texts that characters alone decide, by the release's own cross-validation."""
    metrics = json.loads((release(shop.settings) / "metrics.json").read_text("utf-8"))
    return float(metrics["sure_by_characters"])


def figures(outcome: Outcome) -> dict[str, Any]:
    """What became of a run's messages, and how fast, in milliseconds."""
    replies, webhook = outcome.latencies, outcome.acknowledgements
    return {
        "messages": len(outcome.messages),
        "refused": outcome.refused,
        "unanswered": outcome.unanswered,
        "reply_ms": {"p50": share(replies, 0.5), "p90": share(replies, 0.9), "p99": share(replies, 0.99)},
        "webhook_ms": {"p50": share(webhook, 0.5), "p99": share(webhook, 0.99)},
    }


def cost(before: dict[str, float], after: dict[str, float], messages: int) -> dict[str, float]:
    """Milliseconds of processor time a message, by kind of process and in all."""
    spent = {kind: round((after[kind] - before.get(kind, 0.0)) * 1000 / messages, 2) for kind in after}
    return {**spent, "all": round(sum(spent.values()), 2)}
