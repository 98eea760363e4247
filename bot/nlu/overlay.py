"""What content staff changed of the shipped policy and lexicons, laid over the files.

A change is called by the place of its field, as in `intents.order_status.risk`, and is a text, as that field holds it;
the overrides change as one list, and so do the intents that staff made (`new_intents`), which have fields like all
others from then on. What a newer release has dropped from the files is not changed any more.
"""

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

CELLS = ("low_simple", "low_complex", "high_simple", "high_complex")
THRESHOLDS = ("accept", "margin", "care", "persons")
OF_AN_INTENT = ("title", "risk", "complexity", "level", "team", "needs")
OF_A_SIGNAL = ("risk", "complexity", "level", "any")
OF_AN_OVERRIDE = ("category", "intent", "route", "level", "priority", "reason")
OVERRIDES, NEW = "overrides", "new_intents"
USUAL = {"risk": "low", "complexity": "simple", "level": "L3", "priority": "normal", "any": [], "needs": []}
BETWEEN = re.compile(r"[,、，\s]+")

Changes = Mapping[str, Any]
Data = Mapping[str, Any]


def fields(policy: Data, lexicons: Mapping[str, Data]) -> dict[str, Any]:
    """Everything that may be changed, as it is now: fields as texts, and the rows of the overrides."""
    return {**dict(_of_policy(policy)), **dict(_of_lexicons(lexicons)), OVERRIDES: _rows(policy.get(OVERRIDES, ()))}


def policy(data: Data, changes: Changes) -> dict[str, Any]:
    """The policy as changed."""
    made = copy.deepcopy(dict(data))
    for row in changes.get(NEW, ()):
        made["intents"].setdefault(row["name"], {field: text for field, text in row.items() if field != "name"})
    for field, value in changes.items():
        *path, name = field.split(".")
        if field == OVERRIDES:
            made[OVERRIDES] = [{key: text for key, text in row.items() if text} for row in value]
        elif field != NEW and isinstance(part := _inside(made, path), dict):
            part[name] = _typed(name, value)
    return made


def lexicon(data: Data, language: str, changes: Changes) -> dict[str, Any]:
    """The lexicon of a language as changed."""
    made = copy.deepcopy(dict(data))
    signals = {entry["name"]: entry for entry in made.get("signals") or ()}
    for field, value in changes.items():
        match field.split("."):
            case ["signals", tongue, name, "any"] if tongue == language and name in signals:
                signals[name]["any"] = _typed("any", value)
            case ["signals", tongue, name, what] if tongue == language and name in signals:
                signals[name]["effect"] = {**(signals[name].get("effect") or {}), what: value}
    return made


def _of_policy(data: Data) -> Iterator[tuple[str, str]]:
    yield from ((f"matrix.{cell}", data["matrix"][cell]) for cell in CELLS)
    yield from ((f"thresholds.{name}", _text(data["thresholds"][name])) for name in THRESHOLDS)
    for intent, own in data["intents"].items():
        yield from ((f"intents.{intent}.{name}", _text(own.get(name, USUAL.get(name)))) for name in OF_AN_INTENT)


def _of_lexicons(lexicons: Mapping[str, Data]) -> Iterator[tuple[str, str]]:
    for language, data in lexicons.items():
        for entry in data.get("signals") or ():
            own = {**USUAL, **(entry.get("effect") or {}), "any": entry.get("any") or []}
            words = "\n".join(own["any"])
            yield from (
                (f"signals.{language}.{entry['name']}.{name}", words if name == "any" else own[name])
                for name in OF_A_SIGNAL
            )


def _rows(overrides: Any) -> list[dict[str, str]]:
    return [{name: row.get(name, USUAL.get(name, "")) for name in OF_AN_OVERRIDE} for row in overrides]


def _inside(made: dict[str, Any], path: list[str]) -> Any:
    part: Any = made
    for key in path:
        part = part.get(key) if isinstance(part, dict) else None
    return part


def _text(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _typed(name: str, value: str) -> Any:
    """A list where the file has one."""
    if name == "needs":
        return [word for word in BETWEEN.split(value) if word]
    return [line.strip() for line in value.splitlines() if line.strip()] if name == "any" else value
