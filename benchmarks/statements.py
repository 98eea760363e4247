"""Which statements a piece of work sends to the database, how many and how long they take; counted in this process."""

import contextlib
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event

SHOWN = 110


@dataclass
class Statements:
    """Statements seen, with the milliseconds of each."""

    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    commits: int = 0

    @property
    def count(self) -> int:
        return sum(map(len, self.took.values()))

    def slowest(self, most: int) -> list[dict[str, Any]]:
        """Those that take the most time in all."""
        ordered = sorted(self.took.items(), key=lambda pair: -sum(pair[1]))
        return [
            {"statement": " ".join(text.split())[:SHOWN], "times": len(took), "ms": round(sum(took) / len(took), 2)}
            for text, took in ordered[:most]
        ]


@contextlib.contextmanager
def counted(engine: Engine) -> Iterator[Statements]:
    """Count every statement on this engine until the end of the block."""
    seen, began = Statements(), [0.0]

    def before(*_: Any) -> None:
        began[0] = time.perf_counter()

    def after(_: Any, __: Any, statement: str, *___: Any) -> None:
        seen.took[statement].append((time.perf_counter() - began[0]) * 1000)

    def commit(_: Any) -> None:
        seen.commits += 1

    listeners = {"before_cursor_execute": before, "after_cursor_execute": after, "commit": commit}
    for name, listener in listeners.items():
        event.listen(engine, name, listener)
    try:
        yield seen
    finally:
        for name, listener in listeners.items():
            event.remove(engine, name, listener)
