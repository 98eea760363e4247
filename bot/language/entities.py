"""Facts found by rule: order and case numbers, phones, e-mail addresses, amounts, dates, ids of persons.

Rules, not learning: a number is a number however rare it is, and the classifier must not learn from digits.
The rules read an aligned copy of the text (same length, half width), so that offsets fit the original.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－ー", "-"))
MASKS = {
    "order_number": "#",
    "case_number": "#",
    "phone": "☎",
    "email": "@",
    "amount": "¤",
    "date": "◷",
    "tax_id": "¶",
    "national_id": "¶",
    "card": "¶",
}
VEIL = "●●●"


@dataclass(frozen=True)
class Entity:
    """A fact found in a text by rule; offsets count the characters of the original text."""

    kind: str
    value: str
    start: int
    end: int


START, END = r"(?<![a-z0-9-])(?P<v>", r")(?![a-z0-9-])"
DAY = r"(?:3[01]|[12]\d|0?[1-9])"
NAMED_ORDER = r"(?:訂單|订单|單號|单号|order)(?:編號|编号|號碼|号码|號|号|number|no\.?)?[\s:#=是為为(「]{0,4}"
# A number with a unit or in a date is none, even after 「訂單」: 訂單 2026/2/30, 訂單 100 元.
MEASURED = r"(?:[\d-]+\s?(?:元(?![旦宵])|塊)|\d{1,4}(?:[/.]\d|\s?[年月]))"

EMAIL = r"[a-z0-9][a-z0-9_.+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}"
AREA = r"0(?:[2-8]\d{0,2}|800)"

# In order of precedence: what an earlier rule took, a later one cannot take again.
PATTERNS = (
    ("email", r"(?<![a-z0-9_.+-])(?P<v>" + EMAIL + r")(?![a-z0-9])"),
    ("case_number", START + r"cs-?\d{6}-?\d{4,5}" + END),
    ("card", START + r"\d{4}([ -]?)\d{4}\2\d{4}\2\d{4}" + END),
    ("national_id", START + r"[a-z][1289]\d{8}" + END),
    ("tax_id", r"(?:統編|統一編號|统编|统一编号|抬頭)[^\d\n]{0,6}(?P<v>\d{8})(?!\d)"),
    ("date", START + rf"(?:19|20)\d\d[-/.年]\s?\d{{1,2}}[-/.月]\s?{DAY}[日號号]?" + END),
    (
        "order_number",
        NAMED_ORDER + rf"(?!{MEASURED})(?P<v>(?=[a-z-]{{0,6}}\d)[a-z0-9][a-z0-9-]{{1,22}}[a-z0-9])(?![a-z0-9])",
    ),
    ("phone", START + r"(?:\+?886[ -]?|0)9\d{2}[ -]?\d{3}[ -]?\d{3}" + END),
    ("phone", START + rf"(?:\({AREA}\) ?|{AREA}[ -])\d{{3,4}}[ -]?\d{{3,4}}(?:#\d{{1,5}})?" + END),
    ("phone", START + r"0(?:[2-8]\d{7,8}|800\d{6})" + END),
    ("amount", r"(?<![a-z])(?P<v>(?:nt\$?|ntd|\$|新台幣|台幣)\s?\d[\d,]*(?:\.\d+)?\s?[萬千]?(?:元|塊)?)"),
    ("amount", r"(?<![a-z0-9.,-])(?P<v>\d[\d,]*(?:\.\d+)?\s?(?:[萬千](?:元|塊)?|元|塊錢?))"),
    ("date", START + r"20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])" + END),
    ("date", rf"(?<![a-z0-9/-])(?P<v>(?:1[0-2]|0?[1-9])(?:/{DAY}|月\s?{DAY}[日號号]?))(?![\d/])"),
    ("order_number", START + r"[a-z]{1,4}-?\d{2,14}(?:-\d{2,10})*" + END),
    ("order_number", START + r"(?=(?:\d-?){8})\d{3,8}(?:-\d{3,8}){1,3}" + END),
    ("order_number", START + r"(?<![.,])\d{8,14}" + END),
)
RULES = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in PATTERNS)
ENOUGH_DIGITS = 5
NO_DIGIT = re.compile(r"\D")


def entities(text: str) -> tuple[Entity, ...]:
    """All facts of the text, in order of appearance, none overlapping another."""
    plain = aligned(text)
    found: list[Entity] = []
    for kind, rule in RULES:
        for entity in _matches(kind, rule, plain):
            if all(entity.end <= other.start or entity.start >= other.end for other in found):
                found.append(entity)
    return tuple(sorted(found, key=lambda entity: entity.start))


def mask(text: str, found: Sequence[Entity]) -> str:
    """The text with each fact replaced by the mark of its kind, for the classifier."""
    parts, end = [], 0
    for entity in found:
        parts += [text[end : entity.start], MASKS[entity.kind]]
        end = entity.end
    return "".join([*parts, text[end:]])


def veil(text: str, kinds: Collection[str]) -> str:
    """The text with its facts of these kinds covered, for somebody who is not to know them."""
    parts, end = [], 0
    for entity in entities(text) if kinds else ():
        if entity.kind in kinds:
            parts += [text[end : entity.start], VEIL]
            end = entity.end
    return "".join([*parts, text[end:]])


def _matches(kind: str, rule: re.Pattern[str], plain: str) -> Iterator[Entity]:
    for match in rule.finditer(plain):
        raw = match["v"]
        if kind == "order_number" and not _could_be_order(raw, named=match.start() < match.start("v")):
            continue
        yield Entity(kind, _value(kind, raw), match.start("v"), match.end("v"))


def _could_be_order(raw: str, *, named: bool) -> bool:
    """Three digits are enough after 「訂單」; alone, a model name or a size has up to four."""
    return len(NO_DIGIT.sub("", raw)) >= (3 if named else ENOUGH_DIGITS)


def _value(kind: str, raw: str) -> str:
    """The fact as systems write it: phones in digits, numbers in capitals, amounts without commas."""
    if kind == "phone":
        digits = NO_DIGIT.sub("", raw.split("#")[0])
        return "0" + digits[3:] if digits.startswith("886") else digits
    if kind == "amount":
        return re.sub(r"[\s,]", "", raw)
    return raw.upper() if kind in ("order_number", "case_number", "national_id") else raw


def aligned(text: str) -> str:
    """Half width, one character for one, so that positions stay those of the original."""
    return "".join(map(_aligned_character, text)).translate(DASHES)


def _aligned_character(char: str) -> str:
    if char.isascii():
        return char
    folded = unicodedata.normalize("NFKC", char)
    return folded if len(folded) == 1 else char
