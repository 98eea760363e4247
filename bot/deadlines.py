"""Until when something must be done, for all that happens in it: whoever waits for a server looks here how long."""

import contextlib
import time
from collections.abc import Iterator
from contextvars import ContextVar

PATIENCE = 10.0  # how long a transaction may wait, in seconds, unless it says otherwise
GRACE = 0.3  # seconds: a server that keeps its own limits has told us by then

_ends: ContextVar[float | None] = ContextVar("ends", default=None)


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """What is done in here is given up after `seconds`, or earlier where that was asked for already."""
    outer, ends = _ends.get(), time.monotonic() + seconds
    token = _ends.set(ends if outer is None else min(outer, ends))
    try:
        yield
    finally:
        _ends.reset(token)


def left(otherwise: float) -> float:
    """How many seconds are left; `otherwise` where nobody set a deadline."""
    ends = _ends.get()
    return otherwise if ends is None else max(0.0, ends - time.monotonic())
