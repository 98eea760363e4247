"""By which media somebody is told, and when: quiet hours, one notice a case, and a way round what is out of reach.

Pure; the console's bell is not planned, since it always rings.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from handoff.notify.rules import FALLBACK, URGENT_LEVEL, Rule

HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")
COLLAPSES_FOR = timedelta(minutes=10)


@dataclass(frozen=True)
class Plan:
    """One call to come: medium, address, when. `state` is queued or collapsed."""

    medium: str
    address: str
    due_at: datetime
    state: str = "queued"
    why: str = ""


@dataclass(frozen=True)
class Told:
    """A notice of the same case that this person has not seen yet, and that went out."""

    loudness: int
    at: datetime


def plan(
    rule: Rule,
    level: str,
    addresses: Mapping[str, tuple[str, ...]],
    at: datetime,
    quiet: "Quiet | None" = None,
    earlier: Told | None = None,
) -> list[Plan]:
    """The calls for one receiver, whose `addresses` are by medium (only those that are set up)."""
    state = "collapsed" if earlier and _covers(earlier, rule, at) else "queued"
    due = quiet.end(at) if quiet and level != URGENT_LEVEL else at
    why = "quiet" if due > at and state == "queued" else ""
    return [
        Plan(medium, address, due, state, why)
        for medium in reachable(rule.media, addresses)
        for address in addresses[medium]
    ]


def reachable(media: tuple[str, ...], addresses: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The media of a rule that reach somebody; where none does, the first other one that would."""
    if not media:
        return ()
    found = tuple(medium for medium in media if addresses.get(medium))
    return found or tuple(medium for medium in FALLBACK if addresses.get(medium))[:1]


def _covers(earlier: Told, rule: Rule, at: datetime) -> bool:
    return earlier.loudness >= rule.loudness and at - earlier.at < COLLAPSES_FOR


@dataclass(frozen=True)
class Quiet:
    """Hours in which only what is urgent gets through, in the shop's zone; over midnight as well."""

    begins: time
    ends: time
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str, zone: ZoneInfo) -> "Quiet | None":
        """Read 22:00-08:00; ValueError where it is neither that nor empty."""
        if not text:
            return None
        if HOURS.fullmatch(text) is None:
            raise ValueError(f"{text!r} is not like 22:00-08:00")
        begins, _, ends = text.partition("-")
        return cls(time.fromisoformat(begins), time.fromisoformat(ends), zone)

    def end(self, at: datetime) -> datetime:
        """When it may ring: now, or when these hours end."""
        local = at.astimezone(self.zone)
        for day in (local.date() - timedelta(days=1), local.date()):
            start = datetime.combine(day, self.begins, self.zone)
            over = day if self.ends > self.begins else day + timedelta(days=1)
            end = datetime.combine(over, self.ends, self.zone)
            if start <= local < end:
                return end
        return at
