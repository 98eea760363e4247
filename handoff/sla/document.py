"""Reads the rules from YAML. What is wrong is told by the name of its field, so that a supervisor can mend it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import holidays
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from bot.errors import FrontlineError, Refused
from handoff.hours import DAY, WEEKDAYS, OpeningHours, Slots, slots
from handoff.sla.ladder import BREACH, Rung, usual
from handoff.sla.rules import ALWAYS, SHOP, Row, Rules, Targets

SHIPPED = Path(__file__).with_name("sla_rules.yml")
SPAN = re.compile(r"(?:(\d{1,4}) ?h)? ?(?:(\d{1,4}) ?min)?")
LEVELS = ("L1", "L2", "L3")
ASKED = ("level", "channel", "type", "category", "tier")
SPANS = ("first", "next", "resolution", "untouched", "customer")
LONGEST = 366  # days that a closure may last


@dataclass(frozen=True)
class Mistake:
    """A field, as in `targets[2].first`, and what is wrong with it, to be translated."""

    field: str
    why: Refused

    def __str__(self) -> str:
        return f"{self.field}: {self.why}" if self.field else str(self.why)


class InvalidRules(FrontlineError):
    """These are no rules; `mistakes` name every field that is wrong."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("; ".join(map(str, mistakes)))
        self.mistakes = mistakes


class _Wrong(ValueError):
    """What Pydantic is told of a value that we refuse; `field` where it is not the one that is looked at."""

    def __init__(self, why: Refused, field: str = "") -> None:
        super().__init__(str(why))
        self.why, self.field = why, field


def _span(value: object) -> timedelta:
    match = SPAN.fullmatch(str(value).strip())
    hours, minutes = (int(part or 0) for part in match.groups()) if match else (0, 0)
    if not hours and not minutes:
        raise _Wrong(Refused("「%(value)s」不是時間長度，要像 15 min、2 h 或 1 h 30 min。", value=value))
    return timedelta(hours=hours, minutes=minutes)


def _slots(value: object) -> Slots:
    if value == "closed":
        return ()
    try:
        return slots(str(value))
    except ValueError:
        why = Refused("「%(value)s」不是時段，要像 09:00-12:30, 13:30-18:00，或 closed。", value=value)
        raise _Wrong(why) from None


def _weekdays(value: object) -> tuple[int, ...]:
    """`mon-fri`, `sat`, or `daily`, as weekdays from 0."""
    first, _, last = str(value).partition("-")
    if first == "daily":
        return tuple(range(7))
    if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
        raise _Wrong(Refused("「%(value)s」不是星期，要像 mon-fri、sat 或 daily。", value=value))
    return tuple(range(WEEKDAYS.index(first), WEEKDAYS.index(last or first) + 1))


def _days(value: object) -> tuple[date, ...]:
    """A day, or a range as in 2027-02-04..2027-02-10."""
    first, _, last = str(value).partition("..")
    try:
        begins, ends = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        raise _no_day(value) from None
    if not 0 <= (ends - begins).days < LONGEST:
        raise _no_day(value)
    return tuple(begins + offset * DAY for offset in range((ends - begins).days + 1))


def _no_day(value: object) -> _Wrong:
    return _Wrong(Refused("「%(value)s」不是日期，要像 2027-02-04 或 2027-02-04..2027-02-10。", value=value))


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Span = Annotated[timedelta, BeforeValidator(_span)]
DaySlots = Annotated[Slots, BeforeValidator(_slots)]
Weekdays = Annotated[tuple[int, ...], BeforeValidator(_weekdays)]
Days = Annotated[tuple[date, ...], BeforeValidator(_days)]
OneOrMore = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class _Targets(_Part):
    level: Annotated[tuple[Literal["L1", "L2", "L3"], ...], BeforeValidator(_listed)]
    channel: OneOrMore = ()
    type: OneOrMore = ()
    category: OneOrMore = ()
    tier: OneOrMore = ()
    hours: Literal["team", "always"] = "team"
    first: Span
    next: Span
    resolution: Span
    untouched: Span | None = None
    customer: Span | None = None

    def row(self) -> Row:
        asked = {name: tuple(getattr(self, name)) for name in ASKED if getattr(self, name)}
        spans = (self.first, self.next, self.resolution, self.untouched, self.customer)
        return Row(asked, Targets(*spans, around_the_clock=self.hours == "always"))


class _Rung(_Part):
    at: int = Field(ge=1, le=1000)
    to: Literal["agent", "lead", "head"]
    do: Annotated[tuple[Literal["urgent", "queue", "lead", "standby"], ...], BeforeValidator(_listed)] | None = None

    @field_validator("do")
    @classmethod
    def has_one_owner(cls, do: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if do and {"queue", "lead"} <= set(do):
            raise _Wrong(Refused("退回待接和交給組長只能選一個。"))
        return do

    def rung(self) -> Rung:
        return Rung(self.at, self.to, usual(self.at) if self.do is None else self.do)


class _Calendar(_Part):
    week: dict[Weekdays, DaySlots] | None = None
    holidays: str = ""
    closed: tuple[Days, ...] = ()
    open: dict[Days, DaySlots] = {}

    @field_validator("week")
    @classmethod
    def opens_at_all(cls, week: dict[tuple[int, ...], Slots] | None) -> dict[tuple[int, ...], Slots] | None:
        if week is not None and not any(week.values()):
            raise _Wrong(Refused("一整週都沒有營業時段。"))
        return week

    @field_validator("holidays")
    @classmethod
    def is_a_country(cls, country: str) -> str:
        if country and country not in holidays.list_supported_countries():
            raise _Wrong(Refused("不認得「%(value)s」這個國家的假日，臺灣是 TW。", value=country))
        return country

    def hours(self, daily: OpeningHours) -> OpeningHours:
        week: list[Slots] = list(daily.week) if self.week is None else [()] * 7
        for days, worked in (self.week or {}).items():
            for day in days:
                week[day] = worked
        return OpeningHours(
            tuple(week),
            daily.zone,
            self.holidays,
            frozenset(day for days in self.closed for day in days),
            {day: worked for days, worked in self.open.items() for day in days},
        )


class _Document(_Part):
    targets: tuple[_Targets, ...]
    ladder: tuple[_Rung, ...]
    calendars: dict[str, _Calendar] = {}
    teams: dict[str, str] = {}
    close_after: Span = timedelta(hours=72)

    @field_validator("targets")
    @classmethod
    def every_case_has_some(cls, rows: tuple[_Targets, ...]) -> tuple[_Targets, ...]:
        for level in LEVELS:
            if not any(row.row().asked == {"level": row.level} and level in row.level for row in rows):
                raise _Wrong(Refused("%(value)s 缺少不附條件的一列，會有案件沒有目標。", value=level))
        return rows

    @field_validator("ladder")
    @classmethod
    def rises_over_the_breach(cls, rungs: tuple[_Rung, ...]) -> tuple[_Rung, ...]:
        parts = [rung.at for rung in rungs]
        if BREACH not in parts or parts != sorted(set(parts)):
            raise _Wrong(Refused("要由低到高、不重複，並且包含 100。"))
        return rungs

    @model_validator(mode="after")
    def teams_have_calendars(self) -> "_Document":
        for team, calendar in self.teams.items():
            if calendar not in (*self.calendars, SHOP):
                raise _Wrong(Refused("沒有「%(value)s」這個行事曆。", value=calendar), f"teams.{team}")
        return self


def read(text: str, daily: OpeningHours, version: int = 0) -> Rules:
    """The rules that a YAML text gives; `daily` are the hours of a calendar that names no week. Else InvalidRules."""
    return _rules(text, daily, version, "forbid")


def stored(text: str, daily: OpeningHours, version: int) -> Rules:
    """Rules that were good once: a field of a newer release, which this one does not know, is left out.

    So they hold while an upgrade goes on, and after going back.
    """
    return _rules(text, daily, version, "ignore")


def _rules(text: str, daily: OpeningHours, version: int, unknown: Literal["forbid", "ignore"]) -> Rules:
    try:
        document = _Document.model_validate(_parsed(text), extra=unknown)
    except ValidationError as invalid:
        raise InvalidRules([_mistake(error) for error in invalid.errors()]) from invalid
    always = OpeningHours.parse("00:00-24:00", daily.zone)
    own = {name: calendar.hours(daily) for name, calendar in document.calendars.items()}
    return Rules(
        version,
        tuple(row.row() for row in document.targets),
        tuple(rung.rung() for rung in document.ladder),
        {SHOP: daily, **own, ALWAYS: always},
        document.teams,
        document.close_after,
    )


@cache
def shipped(open_hours: str, zone: ZoneInfo) -> Rules:
    """The rules that come with the house, for a shop's hours."""
    return read(SHIPPED.read_text("utf-8"), OpeningHours.parse(open_hours, zone))


def _parsed(text: str) -> Any:
    try:
        return yaml.load(text, yaml.BaseLoader)  # everything as it is written: `_span` and its kin say what it means
    except yaml.YAMLError as error:
        mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
        line = mark.line + 1 if mark else 1
        raise InvalidRules([Mistake("", Refused("第 %(line)d 行附近不是 YAML。", line=line))]) from error


def _mistake(error: Mapping[str, Any]) -> Mistake:
    facts = error.get("ctx", {})
    wrong = facts.get("error")
    if isinstance(wrong, _Wrong):
        return Mistake(wrong.field or _place(error["loc"]), wrong.why)
    words = {
        "missing": Refused("少了這一欄。"),
        "extra_forbidden": Refused("沒有這個欄位。"),
        "model_type": Refused("這裡要寫欄位和值。"),
        "int_parsing": Refused("要是整數。"),
        "literal_error": Refused("只能是 %(expected)s。", expected=facts.get("expected", "")),
    }
    return Mistake(_place(error["loc"]), words.get(error["type"]) or Refused("不對：%(why)s", why=error["msg"]))


def _place(parts: tuple[int | str, ...]) -> str:
    named = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts if part != "[key]")
    return "".join(named).lstrip(".")
