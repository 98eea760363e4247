"""What a long past costs: a turn, and the console's list, with few and with very many stored conversations.

Shops of all sizes run side by side and are measured in turn, so that a busy machine slows all of them alike.
"""

import contextlib
import itertools
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import requests

from benchmarks import indoors, machine, past
from benchmarks.indoors import VIEWS, Indoors, sign_in_form
from benchmarks.latency import warm_up
from benchmarks.questions import distinct
from benchmarks.shop import open_shop, release
from benchmarks.stage import Stage, started, workshop
from bot.settings import Settings

SIZES = (1_000, 100_000, 1_000_000)
RATE, SECONDS = 5.0, 3.0
LISTS = 5
USED_UP = 200  # customers whom the measurement indoors takes


@dataclass
class Shop:
    """A shop of one size while it is measured."""

    size: int
    settings: Settings
    stored_in_seconds: float
    replies: list[float] = field(default_factory=list)
    lists: dict[str, list[float]] = field(default_factory=dict)

    def start(self, stage: Stage) -> None:
        """Let customers and a supervisor in, and let every worker and web process do each thing once."""
        customers = itertools.islice(past.customers(self.size), USED_UP, None)
        warm_up(stage, customers)
        self._crowd = stage.crowd(distinct(release(self.settings), by_characters=True, seed=self.size), customers)
        self._list = f"{stage.url}/console/list"
        self._staff = requests.Session()
        page = self._staff.get(f"{stage.url}/sign-in", timeout=60).text
        self._staff.post(f"{stage.url}/sign-in", data=sign_in_form(page), timeout=60).raise_for_status()
        self._look()

    def _look(self) -> None:
        for view in VIEWS * LISTS:
            began = time.perf_counter()
            self._staff.get(self._list, params={"view": view}, timeout=60).raise_for_status()
            self.lists.setdefault(view, []).append((time.perf_counter() - began) * 1000)

    def round(self) -> None:
        """Some questions at an easy rate, then every view of the list a few times."""
        self.replies += self._crowd.write(RATE, SECONDS).latencies
        self._look()

    def result(self) -> dict[str, Any]:
        return {
            "stored_conversations": self.size,
            "stored_in_seconds": self.stored_in_seconds,
            "reply_ms": round(statistics.median(self.replies), 1),
            "list_ms": {view: round(statistics.median(took), 1) for view, took in self.lists.items()},
        }


def measure(kind: str, sizes: Sequence[int], rounds: int) -> dict[str, Any]:
    """Medians for every size, in this process and through the doors, and the largest against the smallest."""
    with workshop(kind) as (folder, made, line), contextlib.ExitStack() as running:
        shops = [_filled(open_shop(folder / f"s{size}", made.make(f"s{size}"), line.url), size) for size in sizes]
        inside = [Indoors(shop.settings, shop.size) for shop in shops]
        facts = machine.facts(inside[0].current.engine)
        compared = indoors.compare(inside)
        for one in inside:
            one.current.engine.dispose()
        for shop in shops:
            shop.start(running.enter_context(started(shop.settings, line, made.server)))
        for _ in range(rounds):
            for shop in shops:
                shop.round()
        results = [{**shop.result(), **seen} for shop, seen in zip(shops, compared, strict=True)]
        after = {"load_average_after": machine.load()}
        return {"benchmark": "growth", **facts, **after, "ratios": _ratios(results[0], results[-1]), "sizes": results}


def _filled(settings: Settings, size: int) -> Shop:
    """A shop with its past."""
    began = time.perf_counter()
    past.store(settings, size)
    return Shop(size, settings, round(time.perf_counter() - began, 1))


def _ratios(smallest: dict[str, Any], largest: dict[str, Any]) -> dict[str, float]:
    both = {"reply": largest["reply_ms"] / smallest["reply_ms"]}
    both |= {f"list_{view}": largest["list_ms"][view] / smallest["list_ms"][view] for view in VIEWS}
    both |= {
        f"{work}_{unit}_in_process": largest[work][unit] / smallest[work][unit]
        for work in ("turn", "lists")
        for unit in ("ms", "cpu_ms")
    }
    return {name: round(ratio, 2) for name, ratio in both.items()}
