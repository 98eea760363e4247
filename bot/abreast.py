"""Calls to platforms made at the same time: each takes its time, and nobody shall wait for all of them in turn."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
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


@cache
def _callers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="calls")
