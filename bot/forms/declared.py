"""A form as forms.yml declares it: the facts that a person will need, in the order in which they are asked for."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bot.forms import places

Kind = Literal["order_number", "phone", "email", "amount", "date", "tax_id", "text", "choice", "media"]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,39}$")]


def _pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"no regular expression ({error}); mend it, or leave it out") from error
    return pattern


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Slot(_Part):
    """One fact. Asked for only where, of the slots named in `only_if`, each holds one of these options.

    `shape`: the whole value looks like this. A choice that is `open` takes other words than its options as well.
    """

    name: Name
    kind: Kind
    options: tuple[Name, ...] = ()
    open: bool = False
    at_least: int = Field(1, ge=1, le=10)
    shape: Annotated[str, AfterValidator(_pattern)] = ""
    only_if: dict[str, tuple[str, ...]] = {}

    @model_validator(mode="after")
    def _options_belong_to_choices(self) -> Self:
        if (self.kind == "choice") != bool(self.options):
            raise ValueError("a choice has options, and nothing else has; add them, or change the kind")
        return self


class Form(_Part):
    """What is collected for these intents, or for all other ones of high risk that are simple (`others`).

    `proves`: and then the customer proves who he is. `prepares`: what people are to approve after that, the published
    answer, or words about a change; or, also of who did not prove it, a change of his order, since whose an order is is
    looked at before it is changed.
    """

    intents: tuple[str, ...] = ()
    others: bool = False
    slots: tuple[Slot, ...] = Field((), max_length=8)
    proves: bool = False
    prepares: Literal["", "answer", "change", "order"] = ""

    @model_validator(mode="after")
    def _is_of_use(self) -> Self:
        if not (self.intents or self.others):
            raise ValueError("names no intent; add the ones that it is for")
        if not (self.slots or self.proves):
            raise ValueError("asks for nothing; add slots, or proves: true")
        if (self.prepares in ("answer", "change") or self.others) and not self.proves:
            raise ValueError("nothing is prepared for who has not proved who he is; add proves: true")
        return self

    @model_validator(mode="after")
    def _conditions_look_back(self) -> Self:
        known: dict[str, Slot] = {}
        for slot in self.slots:
            for name, wanted in slot.only_if.items():
                if name not in known:
                    raise ValueError(f"{slot.name}.only_if names {name!r}, which no slot before it is called")
                if strange := set(wanted) - set(known[name].options):
                    raise ValueError(f"{slot.name}.only_if: {name} has no option {', '.join(sorted(strange))}")
            if slot.name in known:
                raise ValueError(f"two slots are called {slot.name!r}; rename one")
            known[slot.name] = slot
        return self

    def slot(self, name: str) -> Slot | None:
        return next((slot for slot in self.slots if slot.name == name), None)


class Forms(_Part):
    """The whole file. A customer who says nothing for `pause_minutes` gets a person with what he has told."""

    version: int = 1
    pause_minutes: int = Field(120, ge=5, le=1440)
    forms: dict[Name, Form]

    @model_validator(mode="after")
    def _one_form_an_intent(self) -> Self:
        seen: dict[str, str] = {}
        for name, form in self.forms.items():
            for intent in form.intents:
                if intent in seen:
                    raise ValueError(f"{intent} has two forms, {seen[intent]} and {name}; drop it from one")
                seen[intent] = name
        return self

    def named_for(self, intent: str, route: str = "hybrid") -> str:
        """The name of the form for an intent that goes this way, or nothing."""
        own = (name for name, form in self.forms.items() if intent in form.intents)
        others = (name for name, form in self.forms.items() if form.others and route == "review")
        found = next(own, "") or next(others, "")
        return found if found and self.forms[found].proves == (route == "review") else ""


def parse_forms(text: str, file: str) -> Forms:
    """The forms that a file's text declares; a ContentError names line, field and mend."""
    return places.read(Forms, text, file)
