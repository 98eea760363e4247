"""The rules as a form. Each field is called by its place in the document, which is also how a mistake names it.

The form and the expert's text are two views of the same YAML: what the form holds is written as such, and the comments
that stand above a part stay there, as do parts that have no field.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import ndiff
from itertools import groupby
from operator import itemgetter
from typing import Any

import yaml

from handoff.hours import WEEKDAYS
from handoff.sla import ACTIONS, ASKED, SPANS, usual

ROW = (*ASKED, "hours", *SPANS)
RUNG = ("at", "to", *(f"do.{action}" for action in ACTIONS))
PARTS = ("targets", "ladder", "calendars", "teams")
NEVER = "closed"
Form = Mapping[str, str]


@dataclass(frozen=True)
class Calendar:
    """A calendar as its fields show it: hours by weekday, days off and days of their own one a line."""

    name: str
    holidays: str
    week: Mapping[str, str]
    closed: str
    open: str


@dataclass(frozen=True)
class Book:
    """What the form shows."""

    targets: Sequence[Mapping[str, str]]
    ladder: Sequence[Mapping[str, Any]]
    calendars: Sequence[Calendar]
    teams: Mapping[str, str]
    close_after: str


def opened(text: str) -> Book:
    """The fields for a document of the shape of rules, though what is in them may be wrong."""
    parts = yaml.load(text, yaml.BaseLoader)
    return Book(
        [{name: _joined(value) for name, value in row.items()} for row in parts["targets"]],
        [{**rung, "do": _done(rung)} for rung in parts["ladder"]],
        [_calendar(name, body) for name, body in parts.get("calendars", {}).items()],
        parts.get("teams", {}),
        parts.get("close_after", ""),
    )


def written(form: Form, old: str) -> str:
    """The document with targets, ladder and closing as the form holds them; the rest as in the `old` one."""
    closing = {"close_after": patience} if (patience := form.get("close_after", "").strip()) else {}
    return _document(
        old,
        targets=[_target(row) for row in _rows(form, "targets", ROW, "first")],
        ladder=[_rung(row) for row in _rows(form, "ladder", RUNG, "at")],
        **closing,
    )


def arranged(form: Form, old: str) -> str:
    """The document with calendars, and whose they are, as the form holds them; the rest as in the `old` one."""
    names = [name for name in _names(form) if not form.get(f"calendars.{name}.gone")]
    return _document(
        old,
        calendars={name: _body(form, f"calendars.{name}") for name in names},
        teams={key.partition(".")[2]: value for key, value in form.items() if key.startswith("teams.") and value},
    )


def _document(old: str, **changed: Any) -> str:
    """The `old` document with some of its parts changed; its comments stay."""
    parts, above = {**yaml.load(old, yaml.BaseLoader), **changed}, _comments(old)
    return "".join(above.get(name, "") + _part(name, parts[name]) for name in dict.fromkeys((*PARTS, *parts)))


def differences(before: str, after: str) -> list[tuple[str, str]]:
    """The lines that went and came, as ("-" or "+", line); comments do not count."""
    lines = ndiff(_lines(before), _lines(after))
    return [(line[0], line[2:].strip()) for line in lines if line[0] in "+-"]


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def _joined(value: Any) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _calendar(name: str, body: Mapping[str, Any]) -> Calendar:
    week = {day: hours for days, hours in body.get("week", {}).items() for day in _days(days)}
    own = "\n".join(f"{days} {hours}" for days, hours in body.get("open", {}).items())
    return Calendar(name, body.get("holidays", ""), week, "\n".join(body.get("closed", ())), own)


def _days(written_as: str) -> Sequence[str]:
    """The weekdays of `mon-fri`, `sat` or `daily`."""
    first, _, last = written_as.partition("-")
    return WEEKDAYS if first == "daily" else WEEKDAYS[WEEKDAYS.index(first) : WEEKDAYS.index(last or first) + 1]


def _names(form: Form) -> list[str]:
    """The calendars of the form, and the one that is to be added."""
    known = [key.removeprefix("calendars.").removesuffix(".closed") for key in form if key.endswith(".closed")]
    return [*known, *filter(None, [re.sub(r"\W", "", form.get("calendar", ""))])]


def _rows(form: Form, part: str, names: Sequence[str], needed: str) -> list[dict[str, str]]:
    """The lines of a table in the order that was asked for, without those that are to go or were left empty."""
    numbers = {int(found[1]) for key in form if (found := re.match(rf"{part}\[(\d{{1,3}})\]", key))}
    kept = [n for n in numbers if form.get(f"{part}[{n}].{needed}", "").strip() and not form.get(f"{part}[{n}].gone")]
    place = {n: _number(form.get(f"{part}[{n}].place", ""), n + 1) for n in kept}
    return [
        {name: value for name in names if (value := form.get(f"{part}[{n}].{name}", "").strip())}
        for n in sorted(kept, key=lambda n: (place[n], n))
    ]


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 4 else otherwise


def _target(row: Mapping[str, str]) -> dict[str, Any]:
    several = {name: re.split(r"\s*[,、，]\s*", row[name]) for name in ASKED if name in row}
    target = {**row, **{name: one if len(one) > 1 else one[0] for name, one in several.items()}}
    return {name: value for name, value in target.items() if (name, value) != ("hours", "team")}


def _rung(row: Mapping[str, str]) -> dict[str, Any]:
    """A line of the ladder; what it does is left out where that is the usual."""
    at = _whole(row["at"])
    rung = {"at": at, **{name: value for name, value in row.items() if name == "to"}}
    do = [action for action in ACTIONS if f"do.{action}" in row]
    return rung if do == list(_usually(at)) else {**rung, "do": do[0] if len(do) == 1 else do}


def _done(rung: Mapping[str, Any]) -> Sequence[str]:
    """What a line of the document does, by its word or as is usual."""
    do = rung.get("do", _usually(_whole(rung.get("at", ""))))
    return (do,) if isinstance(do, str) else do


def _usually(at: int | str) -> tuple[str, ...]:
    return usual(at) if isinstance(at, int) else ()


def _whole(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


def _body(form: Form, place: str) -> dict[str, Any]:
    """What is said of a calendar; nothing stands for the shop's own hours each day."""
    own = (line.strip().partition(" ") for line in form.get(f"{place}.open", "").splitlines() if line.strip())
    body = {
        "week": dict(_week([form.get(f"{place}.week.{day}", "").strip() for day in WEEKDAYS])),
        "holidays": form.get(f"{place}.holidays", "").strip(),
        "closed": form.get(f"{place}.closed", "").split(),
        "open": {days: hours.strip() for days, _, hours in own},
    }
    return {name: value for name, value in body.items() if value}


def _week(hours: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Neighbouring days of the same hours as one line; days without hours are closed and need none."""
    for same, days in groupby(range(7), key=lambda day: hours[day]):
        first, last = itemgetter(0, -1)([WEEKDAYS[day] for day in days])
        if same and same != NEVER:
            yield (first if first == last else f"{first}-{last}"), same


def _part(name: str, value: Any) -> str:
    """A part of the document, a line for each row or calendar."""
    if name not in ("targets", "ladder", "calendars"):
        return f"{_flow({name: value})[1:-1]}\n"
    listed = isinstance(value, list)
    lines = [f"- {_flow(row)}" for row in value] if listed else [_flow({key: value[key]})[1:-1] for key in value]
    return f"{name}:\n" + "".join(f"  {line}\n" for line in lines) if lines else f"{name}: {_flow(value)}\n"


def _flow(value: Any) -> str:
    return yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10_000).strip()


def _comments(text: str) -> dict[str, str]:
    """What stands above each part: comments and the lines left free."""
    found = re.finditer(r"((?:^[ \t]*(?:#.*)?\n)*)^(\w+):", text, re.MULTILINE)
    return {part[2]: part[1] for part in found}
