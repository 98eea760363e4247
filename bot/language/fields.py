"""Fields of a reply template: `{name}`, `{amount}`, or one of its author's own with its type, `{到貨日:date}`.

What is known is filled in; the rest is asked before the text is used, and never sent unfilled.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

TYPES = ("text", "number", "date", "time")
KNOWN: Mapping[str, str] = {
    "name": "text",
    "number": "text",
    "agent": "text",
    "order_number": "text",
    "phone": "text",
    "email": "text",
    "amount": "number",
    "date": "date",
    "time": "time",
}
FIELD = re.compile(r"\{([\w\-]{1,20})(?::([a-z]{1,10}))?\}")


@dataclass(frozen=True)
class Slot:
    """A part of a template: plain text, or a field with its value, which is empty where nothing is known."""

    text: str
    key: str = ""
    type: str = ""
    value: str = ""

    @property
    def missing(self) -> bool:
        return bool(self.key) and not self.value


def slots(text: str, known: Mapping[str, str]) -> list[Slot]:
    """A template in its parts, with what is known filled in."""
    found, at = [], 0
    for field in FIELD.finditer(text):
        if field.start() > at:
            found.append(Slot(text[at : field.start()]))
        found.append(Slot(field[0], field[1], type_of(field), known.get(field[1], "")))
        at = field.end()
    return [*found, Slot(text[at:])] if at < len(text) else found


def unfilled(text: str) -> list[str]:
    """The fields that a text still has, once each; such a text is no answer."""
    return list(dict.fromkeys(field[1] for field in FIELD.finditer(text)))


def unknown_types(text: str) -> list[str]:
    """Types that nobody knows, for whoever writes a template."""
    return [field[0] for field in FIELD.finditer(text) if field[2] and field[2] not in TYPES]


def type_of(field: re.Match[str]) -> str:
    return field[2] or KNOWN.get(field[1], "text")
