"""Which days a report is about, as its address names them, by the shop's calendar."""

from datetime import date, timedelta
from typing import NamedTuple

from werkzeug.datastructures import MultiDict

USUAL = 30
EARLIEST = date(2000, 1, 1)  # nobody asked a bot before
LONGEST = 366  # days, so that a report stays a moment's work
QUICK = (7, 30, 90)


class Period(NamedTuple):
    """Both days belong to it."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def lately(today: date, days: int) -> Period:
    return Period(today - timedelta(days=days - 1), today)


def given(args: MultiDict[str, str], today: date) -> tuple[Period, bool]:
    """The period that was asked for, and whether it could be; where it cannot, the usual one."""
    if not (args.get("from") or args.get("to")):
        return lately(today, USUAL), True
    try:
        asked = Period(*(date.fromisoformat(args.get(name, "")) for name in ("from", "to")))
    except ValueError:
        return lately(today, USUAL), False
    fits = EARLIEST <= asked.first <= asked.last <= today and asked.days <= LONGEST
    return (asked if fits else lately(today, USUAL)), fits
