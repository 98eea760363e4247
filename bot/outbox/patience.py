"""How long we keep trying: pauses that grow, and an end by age, since LINE remembers a retry key for a day."""

import random
from datetime import datetime, timedelta

from bot.breaker import LONGEST_ASKED
from bot.clock import now
from bot.models import OutboxRow

BOTS = timedelta(hours=1)  # an automatic answer that comes later than that answers nothing any more
LONGEST = timedelta(hours=23)  # after a day the platform would take a repeat for a new message
LONGEST_PAUSE = 60.0


def over(row: OutboxRow) -> bool:
    """Whether a row is too old to be tried again. What a person wants said does not age before its first try."""
    automatic = row.speaker == "bot" and row.resent_at is None
    return now() - row.created_at > BOTS if automatic else key_age(row) > LONGEST


def key_age(row: OutboxRow) -> timedelta:
    """How long ago the platform may have seen this row's retry key for the first time, at most."""
    return now() - first_tried(row)


def first_tried(row: OutboxRow) -> datetime:
    """When the row's key went out first; now, if it never did."""
    return row.keyed_at or (row.created_at if row.unsure else now())


def pause(attempts: int, asked: float | None) -> float:
    """Doubling from one second to a minute, with jitter; never shorter than the platform asked for, within reason."""
    doubled = min(2.0 ** min(attempts - 1, 10), LONGEST_PAUSE)
    return max(min(asked or 0.0, LONGEST_ASKED), doubled * random.uniform(0.8, 1.2))


def spread() -> timedelta:
    """A moment, so that all who waited for the same thing do not come back at once."""
    return timedelta(seconds=random.uniform(0.0, 1.0))
