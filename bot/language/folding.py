"""Folding: width, case, script, emoji and stretching become one form that rules and classifier share."""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Protocol

from bot.language.pasted import masked

# Bopomofo typed as shorthand, and characters with two accepted forms.
SHORTHAND = str.maketrans(
    "ㄅㄇㄉㄋㄌㄚㄛㄧㄏ臺裏爲着妳佔羣綫牀啓麽説衆",
    "吧嗎的呢了啊喔一哈台裡為著你占群線床啟麼說眾",
)
# Control characters, zero-width characters, variation selectors, skin tones.
INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u200b-\u200f\u2060-\u2064\ufe0e\ufe0f\ufeff\U0001f3fb-\U0001f3ff]"
)
LINE_EMOJI = re.compile(r"\((?:[a-z][a-z0-9 _'!-]{1,24})\)")
STRETCHED_MARK = re.compile(r"([^\w\s])\1+")
STRETCHED_LETTER = re.compile(r"([^\W\d])\1{2,}")
SPACE = re.compile(r"\s+")
HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
BOPOMOFO = re.compile("[\u3105-\u3129]")
KANA_OR_HANGUL = re.compile("[\u3040-\u30ff\uac00-\ud7af]")
LATIN = re.compile("[A-Za-z]")
WORD = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z']*(?![A-Za-z0-9])")
FOREIGN = 3  # words that people put into any language, most of them names of goods
OTHER_LETTER = re.compile(r"[^\W\d_A-Za-z]")


class _Converter(Protocol):
    def convert(self, text: str) -> str: ...


@lru_cache(maxsize=2048)
def fold(text: str) -> str:
    """One form for all ways to write `text`: half width, lower case, Traditional, no stretching."""
    text = unicodedata.normalize("NFKC", text.encode("utf-8", "ignore").decode("utf-8"))
    text = INVISIBLE.sub("", text).lower()
    text = LINE_EMOJI.sub(" ", text)
    if simplified(text):
        text = _to_traditional().convert(text)
    text = text.translate(SHORTHAND)
    text = STRETCHED_LETTER.sub(r"\1\1", STRETCHED_MARK.sub(r"\1", text))
    return SPACE.sub(" ", text).strip()


def simplified(text: str) -> bool:
    """Whether the text holds a character that only Simplified writing uses."""
    return not _simplified_only().isdisjoint(text)


def detect(text: str) -> str:
    """The language to answer in: zh-TW (Simplified writing too, and where it cannot be told), en or other."""
    text = masked(unicodedata.normalize("NFKC", text))  # links and numbers are written in no language
    if KANA_OR_HANGUL.search(text):
        return "other"
    if HAN.search(text) or BOPOMOFO.search(text):
        return "zh-TW"
    latin = len(LATIN.findall(text))
    other = len(OTHER_LETTER.findall(text))
    if other > latin:
        return "other"
    return "en" if latin >= 2 else "zh-TW"


def words_of_it(text: str) -> bool:
    """Whether these words show which language somebody speaks: 「ok」 and 「LINE Pay」 everybody writes here."""
    text = masked(text)
    return bool(HAN.search(text) or BOPOMOFO.search(text)) or len(WORD.findall(text)) > FOREIGN


@cache
def _to_traditional() -> _Converter:
    """OpenCC with Taiwan's words (软件 → 軟體); loaded when the first Simplified text comes."""
    from opencc import OpenCC

    converter: _Converter = OpenCC("s2twp")
    return converter


@cache
def _simplified_only() -> frozenset[str]:
    """Characters that change when made Traditional and that no Traditional text contains."""
    return frozenset(_one_way_characters())


def _one_way_characters() -> list[str]:
    from importlib.resources import files

    table = files("opencc").joinpath("dictionary/STCharacters.txt").read_text("utf-8")
    pairs = [line.split("\t") for line in table.splitlines() if "\t" in line]
    return [source for source, targets in pairs if source not in targets.split()]
