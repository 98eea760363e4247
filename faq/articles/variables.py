"""Variables in what customers read: `{name}`, or `{order|這筆訂單}` with words of one's own for who has none.

Each has a type, which says what may be put in its place, and words for where nothing is known. A variable that nobody
knows is refused when it is written; texts of before are said as they stand.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from bot import services

LONGEST = 20
VARIABLE = re.compile(r"( *)\{([\w\-:]{1,40})(?:\|([^{}\n]{0,60}))?\}([ ，,、：:]*)")
ADDRESS = re.compile(r"https?://\S+")


class Variable(NamedTuple):
    """`otherwise` stands where nothing is known; where that is empty, the text reads as if none had been meant."""

    type: str
    otherwise: str
    example: str


KNOWN: Mapping[str, Variable] = {
    "name": Variable("text", "", "陳怡君"),
    "order": Variable("text", "您的訂單", "GB1118"),
    "case": Variable("text", "您的案件", "CS-261122-0001"),
    "shop": Variable("text", "我們", "鮮好團購"),
    "help": Variable("link", "常見問題頁", "https://shop.example/help"),
}


def of_the_house() -> dict[str, str]:
    """What is the same for everybody."""
    settings = services.current().settings
    return {"shop": settings.shop_name, "help": f"{settings.outside}/help" if settings.outside else ""}


def filled(text: str, known: Mapping[str, str]) -> str:
    """The text with what is known in place of its variables."""

    def put(found: re.Match[str]) -> str:
        before, name, own, after = found.groups()
        if name not in KNOWN:
            return found[0]
        value = _fitting(KNOWN[name], known.get(name, "")) or own or KNOWN[name].otherwise
        return f"{before}{value}{after}" if value else ""

    return VARIABLE.sub(put, text)


def example(text: str) -> str:
    """As somebody reads it of whom everything is known; what is the same for everybody stands as it is."""
    ours = {name: value for name, value in of_the_house().items() if value}
    return filled(text, {**{name: variable.example for name, variable in KNOWN.items()}, **ours})


def to_strangers(text: str) -> str:
    """As somebody reads it of whom nothing is known, and everybody on /help."""
    return filled(text, of_the_house())


def differs(text: str) -> bool:
    """Whether other words stand there where nothing is known of who reads it; a name is left out without a trace."""
    asked = [(name, own) for _, name, own, _ in VARIABLE.findall(text) if name in KNOWN and name not in of_the_house()]
    return any(own or KNOWN[name].otherwise for name, own in asked)


def named(text: str) -> list[str]:
    """The variables of a text, once each."""
    return list(dict.fromkeys(name for _, name, *_ in VARIABLE.findall(text)))


def unknown(text: str) -> list[str]:
    """Those that nobody knows."""
    return [name for name in named(text) if name not in KNOWN]


def _fitting(variable: Variable, value: str) -> str:
    """The value as its type has it; nothing, where it is none of that type."""
    if variable.type == "link":
        return value if ADDRESS.fullmatch(value) else ""
    return " ".join(value.split())[:LONGEST]
