"""Whether somebody works now, by their weekly shifts. Pure."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from handoff.hours import slots
from handoff.models import Shift

DAY = timedelta(days=1)


def works(shifts: Iterable[Shift], at: datetime, zone: ZoneInfo) -> bool:
    """Whether `at` lies in one of the shifts; a night shift began yesterday. Who has none works at any time."""
    today = at.astimezone(zone).date()
    own = list(shifts)
    return not own or any(_covers(shift, day, at, zone) for shift in own for day in (today - DAY, today))


def _covers(shift: Shift, day: date, at: datetime, zone: ZoneInfo) -> bool:
    if day.weekday() != shift.weekday:
        return False
    start, end = slots(f"{shift.opens}-{shift.closes}")[0].on(day, zone)
    return start <= at < end
