"""The shipped forms and their words, read once a process and checked against the policy and each other."""

from collections.abc import Mapping
from functools import cache

from bot.errors import ContentError
from bot.forms import Forms, FormWords, parse_forms, parse_words
from bot.forms.wording import lacking
from bot.nlu.files import LANGUAGE, ROOT
from bot.nlu.policy import load, require_known

FILE = "forms.yml"


@cache
def forms() -> Forms:
    """The forms; a ContentError says what is wrong, in which line, and how to mend it."""
    found = parse_forms(ROOT.joinpath(FILE).read_text("utf-8"), FILE)
    require_known({intent for form in found.forms.values() for intent in form.intents}, load()[0], FILE)
    for language, words in _words().items():
        if lacks := lacking(words, found):
            raise ContentError(f"{language}/{FILE}: no words for {', '.join(lacks)}; add them")
    return found


def words_in(language: str) -> FormWords:
    """How forms speak in a language; in the house's own where they have no words in it."""
    return _words().get(language) or _words()[LANGUAGE]


@cache
def _words() -> Mapping[str, FormWords]:
    found = sorted(ROOT.glob(f"*/{FILE}"))
    return {path.parent.name: parse_words(path.read_text("utf-8"), f"{path.parent.name}/{FILE}") for path in found}
