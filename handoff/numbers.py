"""Case numbers that people can read out on the phone: CS-YYMMDD-NNNN, counted anew each day of the shop.

One statement counts and reads, so two desks never give out the same number.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

COUNT = text(
    "INSERT INTO ticket_counters (day, last) VALUES (:day, 1) "
    "ON CONFLICT (day) DO UPDATE SET last = ticket_counters.last + 1 RETURNING last"
)


def next_number(session: Session, at: datetime, zone: ZoneInfo) -> str:
    """The next number of the day on which `at` falls in `zone`; after 9999 it grows by a digit."""
    day = at.astimezone(zone).strftime("%y%m%d")
    return f"CS-{day}-{session.execute(COUNT, {'day': day}).scalar_one():04d}"
