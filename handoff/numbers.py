"""Case numbers that people can read out on the phone: CS-YYMMDD-NNNN, counted anew each day of the shop.

One statement counts and reads, so two desks never give out the same number.
"""

import re
import unicodedata
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

COUNT = text(
    "INSERT INTO ticket_counters (day, last) VALUES (:day, 1) "
    "ON CONFLICT (day) DO UPDATE SET last = ticket_counters.last + 1 RETURNING last"
)

WRITTEN = re.compile(r"(?<![A-Za-z0-9])CS[-\s]?(\d{6})[-\s]?(\d{4,6})(?!\d)", re.IGNORECASE)


def quoted(text: str) -> str:
    """The first case number in a text as people write it (cs 261121 0042, ＣＳ－…), in our form; "" without one."""
    found = WRITTEN.search(re.sub(r"[‐-―−－]", "-", unicodedata.normalize("NFKC", text)))
    return f"CS-{found[1]}-{found[2]}" if found else ""


def next_number(session: Session, at: datetime, zone: ZoneInfo) -> str:
    """The next number of the day on which `at` falls in `zone`; after 9999 it grows by a digit."""
    day = at.astimezone(zone).strftime("%y%m%d")
    return f"CS-{day}-{session.execute(COUNT, {'day': day}).scalar_one():04d}"
