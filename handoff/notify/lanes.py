"""Calls run beside the ticker's loop, each medium in a lane of its own: a hanging mail server delays no push."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import structlog

from bot.services import Services
from handoff.notify import post
from handoff.notify.post import Claim

WIDTH = 4  # calls at a time by one medium

log = structlog.get_logger()
_busy: Counter[str] = Counter()
_counting = threading.Lock()


def dispatch(current: Services) -> None:
    """Start the calls that are due, as many as there is room for."""
    for medium in sorted(post.waiting(current)):
        if room := WIDTH - _busy[medium]:
            for claimed in post.claim(current, medium, room):
                _count(medium, 1)
                _lane(medium).submit(_send, current, claimed)


def at_work() -> bool:
    """Whether a call is under way in this process."""
    return any(_busy.values())


@cache
def _lane(medium: str) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(WIDTH, thread_name_prefix=f"notices-{medium}")


def _send(current: Services, claimed: Claim) -> None:
    try:
        post.send(current, claimed)
    except Exception as error:  # its outcome could not be written: the row is taken over when its time is up
        log.exception("notice.outcome_lost", delivery_id=claimed.delivery_id, error=type(error).__name__)
    finally:
        _count(claimed.medium, -1)


def _count(medium: str, change: int) -> None:
    with _counting:
        _busy[medium] += change
