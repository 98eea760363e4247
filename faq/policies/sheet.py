"""The fields of the policy: what each holds with some changes, and what a form that was sent back changes."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from bot.nlu import overlay, policy
from bot.nlu.overlay import BETWEEN, NEW, OF_AN_OVERRIDE, OVERRIDES, Changes, fields

ROW = re.compile(r"overrides\[(\d{1,3})\]\.route")
LONGEST = 20_000


class Difference(NamedTuple):
    """A field that holds something else."""

    field: str
    before: Any
    after: Any


@cache
def as_shipped() -> Mapping[str, Any]:
    return fields(*policy.files())


def ground(changes: Changes) -> Mapping[str, Any]:
    """What every field holds before it is changed: an intent that staff made has fields, too."""
    if not changes.get(NEW):
        return as_shipped()
    made = overlay.policy(policy.files()[0], {NEW: changes[NEW]})
    return {**fields(made, policy.files()[1]), OVERRIDES: as_shipped()[OVERRIDES]}


def now_in(changes: Changes) -> dict[str, Any]:
    """What every field holds."""
    before = ground(changes)
    return {**before, **{field: value for field, value in changes.items() if field in before}}


def changed(form: Mapping[str, str], before: Changes) -> dict[str, Any]:
    """The changes after a form: a field that it does not have stays as it was, one that is as shipped is none."""
    start = ground(before)
    sent: dict[str, Any] = {field: _plain(field, form[field]) for field in start if field in form}
    if any(ROW.match(name) for name in form):
        sent[OVERRIDES] = list(_overrides(form))
    return {field: value for field, value in {**before, **sent}.items() if value != start.get(field)}


def differences(before: Changes, after: Changes) -> list[Difference]:
    """The fields that hold something else, in the order in which they stand."""
    was, becomes = now_in(before), now_in(after)
    moved = (field for field in {**was, **becomes} if was.get(field, "") != becomes.get(field, ""))
    return [Difference(field, was.get(field, ""), becomes.get(field, "")) for field in moved]


def _plain(field: str, text: str) -> str:
    text = text[:LONGEST].strip()
    if field.endswith(".any"):
        return "\n".join(line.strip() for line in text.splitlines() if line.strip())
    if field.endswith(".needs"):
        return ", ".join(word for word in BETWEEN.split(text) if word)
    return text


def _overrides(form: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The rows in the order that was asked for, without those that are to go or name nothing."""
    numbers = sorted(int(found[1]) for name in form if (found := ROW.match(name)))
    kept = [number for number in numbers if not form.get(f"overrides[{number}].gone")]
    for number in sorted(kept, key=lambda number: _place(form.get(f"overrides[{number}].place", ""), number)):
        row = {name: form.get(f"overrides[{number}].{name}", "").strip()[:200] for name in OF_AN_OVERRIDE}
        if row["intent"] or row["category"] or row["reason"]:
            yield row


def _place(text: str, number: int) -> tuple[int, int]:
    return (int(text) if text.isdecimal() and len(text) < 4 else number + 1, number)
