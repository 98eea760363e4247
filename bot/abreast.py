"""Calls to platforms made at the same time: each takes its time, and nobody shall wait for all of them in turn."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache
from typing import TypeVar

AT_ONCE = 8

One = TypeVar("One")
Result = TypeVar("Result")


def abreast(call: Callable[[One], Result], those: Sequence[One]) -> list[Result]:
    """What `call` makes of each, in their order; a single one is called right here."""
    if len(those) < 2:
        return [call(one) for one in those]
    return list(_callers().map(call, those))


def within(seconds: float, call: Callable[[One], Result], those: Sequence[One]) -> list[Result | None]:
    """The same for who can do without: None for whoever is not back by then. `call` ends by itself some time."""
    started = [_patient_ones().submit(call, one) for one in those]
    back = wait(started, timeout=seconds).done
    for one in started:
        one.cancel()
    return [one.result() if one in back else None for one in started]


def beside(call: Callable[[], Result]) -> "Future[Result]":
    """What `call` makes, while who asks goes on with something else; he asks for the result before he ends."""
    return _one_beside().submit(call)


@cache
def _one_beside() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="beside")


@cache
def _callers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="calls")


@cache
def _patient_ones() -> ThreadPoolExecutor:
    """Apart from the others: who hangs here must not hold up what is said to customers."""
    return ThreadPoolExecutor(2 * AT_ONCE, thread_name_prefix="asks")
