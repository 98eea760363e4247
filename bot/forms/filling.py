"""What a customer's words fill in a form, asked for or not, and what is still to be asked."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.forms.declared import Form, Slot
from bot.forms.wording import FormWords, bare
from bot.language import entities, fold

FACTS = ("order_number", "phone", "email", "amount", "date", "tax_id")
NAMED_ORDER = "訂單編號 "
SHORTEST, LONGEST = 2, 500  # characters that count as an answer in words
LEAP_YEAR = 2024  # a date without a year may be the 29th of February


@dataclass(frozen=True)
class Heard:
    """What a message does to a form: the values of slots that it tells, or a word about the form itself."""

    told: Mapping[str, Any]
    skips: bool = False
    drops: bool = False
    waits: bool = False


def hear(name: str, form: Form, words: FormWords, asked: Slot | None, text: str, *, is_answer: bool = True) -> Heard:
    """What `text` tells; `asked` is the question that stands. `is_answer`: it may be taken as that one's answer."""
    said = bare(text)
    if words.drops.fullmatch(said):
        return Heard({}, drops=True)
    if words.waits.fullmatch(said):
        return Heard({}, waits=True)
    if asked is not None and words.skips.fullmatch(said):
        return Heard({}, skips=True)
    told = dict(_unasked(name, form, words, text))
    if asked is not None and asked.name not in told and is_answer:
        told |= _answer(asked, text, _besides(text) if told else text)
    return Heard(told)


def missing(form: Form, known: Mapping[str, Any], skipped: Sequence[str] = ()) -> list[Slot]:
    """The slots that are still to be asked for, in order."""
    return [slot for slot in form.slots if slot.name not in known and slot.name not in skipped and _wanted(slot, known)]


def shown(name: str, form: Form, words: FormWords, known: Mapping[str, Any]) -> dict[str, Any]:
    """The values as staff read them: of an option, what stands on its button."""
    return {slot.name: _shown(name, slot, words, known[slot.name]) for slot in form.slots if slot.name in known}


def _shown(name: str, slot: Slot, words: FormWords, value: Any) -> Any:
    option = words.of(name, slot.name).options.get(value) if slot.kind == "choice" else None
    return option.label if option else value


def _wanted(slot: Slot, known: Mapping[str, Any]) -> bool:
    return all(known.get(name) in wanted for name, wanted in slot.only_if.items())


def _unasked(name: str, form: Form, words: FormWords, text: str) -> Iterator[tuple[str, Any]]:
    """What is plain by itself: numbers, the words of an option, what a pattern finds. The last of a kind counts."""
    facts = {fact.kind: fact.value for fact in entities(text)}
    for slot in form.slots:
        if slot.kind in FACTS and slot.kind in facts and _fits(slot, facts[slot.kind]):
            yield slot.name, facts[slot.kind]
        elif slot.kind == "choice" and (option := _option(name, slot, words, text)):
            yield slot.name, option
        elif found := _found(words.of(name, slot.name).found, text):
            yield slot.name, found


def _answer(asked: Slot, text: str, left: str) -> dict[str, Any]:
    """What only the question that was asked makes an answer of; `left` is what of the text told nothing else."""
    if asked.kind == "order_number" and not entities(text):
        named = [fact.value for fact in entities(NAMED_ORDER + text) if fact.kind == "order_number"]
        return {asked.name: named[0]} if named and _fits(asked, named[0]) else {}
    in_words = asked.kind == "text" or (asked.kind == "choice" and asked.open)
    if in_words and len(bare(left)) >= SHORTEST and _fits(asked, text.strip()):
        return {asked.name: text.strip()[:LONGEST]}
    return {}


def _besides(text: str) -> str:
    """The text without the facts in it."""
    for fact in reversed(entities(text)):
        text = text[: fact.start] + text[fact.end :]
    return text


def _option(name: str, slot: Slot, words: FormWords, text: str) -> str:
    """The option of which a word stands here; nothing where there are words of two."""
    folded, known = fold(text), words.of(name, slot.name).options
    meant = [option for option in slot.options if any(fold(word) in folded for word in _words(known[option]))]
    return meant[0] if len(meant) == 1 else ""


def _words(option: Any) -> tuple[str, ...]:
    return (option.label, *option.words)


def _found(patterns: Sequence[str], text: str) -> str:
    matches = (re.search(pattern, text, re.IGNORECASE) for pattern in patterns)
    return next((found["v"].strip()[:LONGEST] for found in matches if found and found["v"].strip()), "")


def _fits(slot: Slot, value: str) -> bool:
    """Whether a value looks as the form wants it; no 30th of February."""
    if slot.shape and not re.fullmatch(slot.shape, value, re.IGNORECASE):
        return False
    return slot.kind != "date" or _is_a_day(value)


def _is_a_day(value: str) -> bool:
    numbers = [int(number) for number in re.findall(r"\d+", value)]
    if len(numbers) == 1:  # 20261122
        numbers = [numbers[0] // 10_000, numbers[0] // 100 % 100, numbers[0] % 100]
    try:
        date(*([LEAP_YEAR, *numbers] if len(numbers) == 2 else numbers))
    except (TypeError, ValueError):
        return False
    return True
