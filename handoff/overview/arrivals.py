"""How many cases come in, hour by hour back from now, and how many usually do: the same hours of the last seven days.

Hours that end now, not at the full hour: what came so far is then compared with as long a time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, cast, extract, func, select
from sqlalchemy.orm import Session

from handoff.assignment.surge import DAYS
from handoff.models import Ticket

BACK, AHEAD = 12, 6
HOUR = timedelta(hours=1)
SECONDS = 3600


@dataclass(frozen=True)
class Hour:
    """The hour that ends at `ends`. `cases`: opened in it, None where it is still to come."""

    ends: datetime
    cases: int | None
    usual: float
    least: int
    most: int


def hours(session: Session, at: datetime) -> list[Hour]:
    """The last twelve hours, and what usually comes in the next six."""
    opened = _opened(session, at)
    return [_hour(opened, at, ahead) for ahead in range(1 - BACK, AHEAD + 1)]


def _hour(opened: Mapping[int, int], at: datetime, ahead: int) -> Hour:
    before = [opened.get(24 * day - ahead, 0) for day in range(1, DAYS + 1)]
    cases = opened.get(-ahead, 0) if ahead <= 0 else None
    return Hour(at + ahead * HOUR, cases, sum(before) / DAYS, min(before), max(before))


def _opened(session: Session, at: datetime) -> dict[int, int]:
    """Cases by how many whole hours ago they were opened."""
    ago = (int(at.timestamp()) - cast(extract("epoch", Ticket.opened_at), BigInteger)) // SECONDS
    recent = Ticket.opened_at > at - (24 * DAYS + BACK) * HOUR, Ticket.opened_at <= at
    found = session.execute(select(ago.label("ago"), func.count()).where(*recent).group_by("ago"))
    return {max(0, int(hour)): count for hour, count in found}
