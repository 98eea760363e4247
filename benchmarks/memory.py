"""What each process holds in memory after some load."""

from typing import Any

from benchmarks import machine, past, processes
from benchmarks.latency import by_characters, figures
from benchmarks.questions import mixed
from benchmarks.shop import release
from benchmarks.stage import stage
from bot import db

RATE = 20.0


def measure(kind: str, seconds: float) -> dict[str, Any]:
    """Memory by kind of process after `seconds` of mixed questions."""
    messages = int(RATE * seconds * 1.3 + 100)
    with stage(kind, messages) as shop:
        engine = db.connect(shop.settings)
        facts = machine.facts(engine)
        engine.dispose()
        questions = mixed(release(shop.settings), by_characters(shop))
        outcome = shop.crowd(questions, past.customers(messages)).write(RATE, seconds)
        used = processes.memory_by_kind(shop.processes())
        return {
            "benchmark": "memory",
            **facts,
            **figures(outcome),
            "memory": used,
            "pss_mb_in_all": round(sum(kind_of["pss_mb_all"] for kind_of in used.values()), 1),
        }
