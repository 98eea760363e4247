"""The rules of one version: which targets a case has, who hears of them, and by which calendar they run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from handoff.hours import OpeningHours
from handoff.sla.ladder import Rung

SHOP = "shop"
ALWAYS = ""


@dataclass(frozen=True)
class Case:
    """What the rules look at."""

    level: str
    team: str = ""
    channel: str = ""
    type: str = ""
    category: str = ""
    tier: str = ""


@dataclass(frozen=True)
class Targets:
    """The spans that a case is promised, in its team's hours or around the clock."""

    first: timedelta
    next: timedelta
    resolution: timedelta
    untouched: timedelta | None
    customer: timedelta | None
    around_the_clock: bool

    def spans(self) -> dict[str, str]:
        """The spans as the rules write them, without those that are not asked for."""
        named = {name: getattr(self, name) for name in ("first", "next", "resolution", "untouched", "customer")}
        return {name: written(span) for name, span in named.items() if span is not None}


def written(span: timedelta) -> str:
    """A span as the rules write it."""
    hours, minutes = divmod(int(span.total_seconds() // 60), 60)
    return " ".join(f"{count} {unit}" for count, unit in ((hours, "h"), (minutes, "min")) if count)


@dataclass(frozen=True)
class Row:
    """Targets with the condition under which they count: what is asked for, by field of the case."""

    asked: Mapping[str, tuple[str, ...]]
    targets: Targets

    def fits(self, case: Case) -> bool:
        return all(getattr(case, name) in wanted for name, wanted in self.asked.items())


@dataclass(frozen=True)
class Rules:
    """One version of the rules; 0 is the one that is shipped. `close_after`: how long a solved case waits."""

    version: int
    rows: tuple[Row, ...]
    ladder: tuple[Rung, ...]
    calendars: Mapping[str, OpeningHours]
    teams: Mapping[str, str]
    close_after: timedelta

    def targets(self, case: Case) -> Targets:
        """Those of the first row that fits; the last row of each level fits every case of it."""
        return next(row.targets for row in self.rows if row.fits(case))

    def calendar(self, targets: Targets, team: str) -> str:
        """The name of the calendar by which a team's case runs."""
        return ALWAYS if targets.around_the_clock else self.teams.get(team, SHOP)

    def hours(self, calendar: str) -> OpeningHours:
        return self.calendars[calendar]
