"""Values out of a shop's answer, of whatever shape: by dotted paths, and never trusted to be what they should be."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.messages import printable

LONGEST = 200
DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")


def at(data: Any, path: str) -> Any:
    """What lies at `path` (`buyer.phones.0`); None where nothing does. The empty path is all of it."""
    for step in path.split(".") if path else ():
        if isinstance(data, Mapping):
            data = data.get(step)
        elif isinstance(data, list) and step.isdigit() and int(step) < len(data):
            data = data[int(step)]
        else:
            return None
    return data


def told(data: Any, path: str) -> Any:
    """What lies at `path`; None where the shop says that there is nothing. LookupError tells what there is instead."""
    for step in path.split(".") if path else ():
        if data is None:
            return None
        if isinstance(data, list) and step.isdigit():
            data = data[int(step)] if int(step) < len(data) else None
        elif isinstance(data, Mapping) and step in data:
            data = data[step]
        else:
            raise LookupError(", ".join(sorted(data)[:12]) if isinstance(data, Mapping) else type(data).__name__)
    return data


def text(value: Any) -> str:
    """A value as a text; empty for what is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return printable(str(value)).strip()[:LONGEST]


def day(value: Any) -> date | None:
    """The day at the beginning of a date or a time."""
    found = DAY.match(text(value))
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def count(value: Any) -> int:
    """How many; one where the shop does not say."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 1


def entries(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
