"""What the process of the streams holds with a thousand open, in the shop as it runs: with Redis, and while customers
ask for a person, which every stream is told.
"""

import itertools
import resource
from typing import Any

from benchmarks import machine
from benchmarks.notices import WISH
from benchmarks.screens import FILES, held, hire, opened
from benchmarks.shop import open_shop
from benchmarks.stage import started, workshop

PEOPLE = 200  # each with as many pages open as it takes


def measure(database: str, streams: int, rate: float, seconds: float) -> dict[str, Any]:
    """Megabytes before, with so many streams, and after so many seconds of hand-offs."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
    with workshop(database) as (folder, made, line):
        settings = open_shop(folder / "shop", made.make("shop"), line.url)
        people = hire(settings, PEOPLE)
        with started(settings, line, made.server) as shop, opened(shop, people) as room:
            before, memory = machine.load(), {"none": held(shop)}
            let_in = line.do(room.crowd(streams))
            memory["opened"] = held(shop)
            crowd = shop.crowd(itertools.repeat(WISH), (f"U{number:032d}" for number in itertools.count()))
            told = len(crowd.write(rate, seconds).messages)
            memory["told"] = held(shop)
    return {
        "benchmark": "streams",
        "database": database,
        "load_average": [before, machine.load()],
        "streams": let_in,
        "handoffs": told,
        "stream_mb": memory,
    }
