"""How a form speaks in one language: its questions, what stands on its buttons, the words that answer."""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.forms import places
from bot.forms.declared import Form, Forms
from bot.language import fold

LABEL_LIMIT = 20
AROUND = (
    "(?:我|那|啊|喔|哦|噢|欸|唉|嗯|好|吧|啦|了|囉|先|還是|就|不好意思|抱歉|謝謝|感謝|您|你"
    "|ok|oh|sorry|please|thanks|thankyou)*"
)
SHORT = 24  # characters: nobody writes more to say only that, and there are many ways to read many such words
ORDERS = tuple(f"order.{kind}" for kind in ("address", "recipient", "phone", "cancel"))


def _finds_a_value(pattern: str) -> str:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ValueError(f"no regular expression ({error}); mend it, or leave it out") from error
    if "v" not in compiled.groupindex:
        raise ValueError("a pattern marks the value that it finds as (?P<v>...)")
    return pattern


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OptionWords(_Part):
    """What stands on the button of an option, and other words that mean it."""

    label: str = Field(min_length=1, max_length=LABEL_LIMIT)
    words: tuple[str, ...] = ()


class SlotWords(_Part):
    """`title` names the fact, `ask` asks for it, `again` says what an answer looks like; `found` finds it unasked."""

    title: str
    ask: str
    again: str
    options: dict[str, OptionWords] = {}
    found: tuple[Annotated[str, AfterValidator(_finds_a_value)], ...] = ()


class Says(_Part):
    """What is said around the questions; {title}, {count}, {needs} and {promise} are filled in."""

    begin: str
    thanks: str
    files: str
    go_on: str
    wait: str
    skip: str = Field(max_length=LABEL_LIMIT)
    dropped: str
    not_heard: str
    paused: str
    prove: str
    prove_order: str
    prove_by_order: str
    prove_ways: dict[str, str]
    prove_sent: str
    prove_wrong: str
    prove_late: str
    prove_again: str = Field(max_length=LABEL_LIMIT)
    prove_title: str
    prove_letter: str
    unproved: str
    prepared: str


class FormWords(_Part):
    """The whole file. Who says nothing but one of these words passes over a question, drops the matter, or needs time.

    `slots` are named by the slot, or by form.slot where a form asks for it in its own words. `prepared` is what is said
    of a change, by form, after people have approved it; of an order's, by order.kind.
    """

    says: Says
    skip_words: tuple[str, ...]
    drop_words: tuple[str, ...]
    wait_words: tuple[str, ...]
    slots: dict[str, SlotWords]
    prepared: dict[str, str] = {}

    def of(self, form: str, slot: str) -> SlotWords:
        return self.slots.get(f"{form}.{slot}") or self.slots[slot]

    @cached_property
    def skips(self) -> re.Pattern[str]:
        return _nothing_but((*self.skip_words, self.says.skip))

    @cached_property
    def drops(self) -> re.Pattern[str]:
        return _nothing_but(self.drop_words)

    @cached_property
    def waits(self) -> re.Pattern[str]:
        return _nothing_but(self.wait_words)


def parse_words(text: str, file: str) -> FormWords:
    """The words in a file's text; a ContentError names line, field and mend."""
    return places.read(FormWords, text, file)


def lacking(words: FormWords, forms: Forms) -> list[str]:
    """The slots and options that have no words, so that nobody could ask for them."""
    return [lack for name, form in forms.forms.items() for lack in _lacking(words, name, form)]


def _lacking(words: FormWords, name: str, form: Form) -> list[str]:
    wanted = {"change": (name,), "order": ORDERS}.get(form.prepares, ())
    found = [f"prepared.{one}" for one in wanted if one not in words.prepared]
    for slot in form.slots:
        known = words.slots.get(f"{name}.{slot.name}") or words.slots.get(slot.name)
        if known is None:
            found.append(f"slots.{slot.name}")
        else:
            found += [f"slots.{slot.name}.options.{one}" for one in slot.options if one not in known.options]
    return found


def _nothing_but(words: Sequence[str]) -> re.Pattern[str]:
    """One of these, or several in a row, and what people say around them (那算了 不用了謝謝)."""
    said = "|".join(re.escape(bare(word)) for word in sorted(words, key=len, reverse=True)) or "(?!)"
    return re.compile(rf"(?=.{{1,{SHORT}}}\Z){AROUND}(?:(?:{said}){AROUND})+")


def bare(text: str) -> str:
    """Words without what stands around them, to be compared."""
    return re.sub(r"\W+", "", fold(text))
