"""The languages of the pages, and the same texts for who reads them elsewhere: in a letter, in a push."""

import gettext
from collections.abc import Callable
from functools import cache
from pathlib import Path

LANGUAGES = {"zh-TW": "zh_Hant_TW", "en": "en"}
HOUSE = "zh-TW"
"""What is spoken where several read it, and to who chose nothing; the texts themselves are written in it."""

TRANSLATIONS = Path(__file__).parent / "translations"
Say = Callable[..., str]


def N_(text: str) -> str:
    """A text that is said later; by this name `pybabel extract` finds it."""
    return text


def speak(language: str) -> Say:
    """How to say our texts in one of LANGUAGES: `say(text, **facts)`, the facts filled in for `%(name)s`."""
    said = _texts(language).gettext
    return lambda text, **facts: said(text) % facts if facts else said(text)


@cache
def _texts(language: str) -> gettext.NullTranslations:
    """Of the language in which the texts are written there is no catalogue."""
    return gettext.translation("messages", TRANSLATIONS, [LANGUAGES[language]], fallback=True)
