"""Two threads embed what somebody waits for, in little more than half the time, if a core is free at this moment.

Where every core has work, each would wait for the other over a hundred times a text, and both take longer than one.
"""

import os
from contextlib import suppress
from functools import cache
from pathlib import Path

from threadpoolctl import ThreadpoolController

from bot.nlu import embedding
from bot.nlu.embedding import Floats

QUOTA = Path("/sys/fs/cgroup/cpu.max")  # a container's: microseconds of CPU time, or max, in so many
LOAD = Path("/proc/loadavg")  # its fourth word says how many threads run at this moment, on the whole machine


def threads() -> int:
    """How many are worth it now. Who asks runs as well, so a machine where nobody runs does not say."""
    with suppress(OSError):  # not Linux
        running = int(LOAD.read_text().split()[3].partition("/")[0])
        return 2 if 0 < running < len(os.sched_getaffinity(0)) and _granted() else 1
    return 1


def _granted() -> bool:
    """Whether this container may use two cores at all; those that it sees are the host's."""
    with suppress(OSError, ValueError):  # no container, or no quota
        quota, period = map(int, QUOTA.read_text().split())
        return quota >= 2 * period
    return True


def vector(prepared: str, threads: int) -> Floats:
    """The embedding of one text, cached, made by so many threads; it is the same to the last bit."""
    with _openmp().limit(limits=threads):
        return embedding.vector(prepared)


@cache
def _openmp() -> ThreadpoolController:
    """Tells the engine's library how many threads it may take; each thread that calls it has a number of its own."""
    embedding.vector("?")  # what is not loaded is not found
    return ThreadpoolController().select(user_api="openmp")
