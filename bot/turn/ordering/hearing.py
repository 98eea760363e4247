"""What a customer's words tell of an order: its number, the last digits of its phone, and whether that is all."""

import re
import unicodedata
from dataclasses import dataclass

from bot.language import entities, mask
from bot.orders.numbers import LAST, last_digits

# Around a number these ask for nothing but the order itself.
AROUND = re.compile(
    r"(?:我|要|想|[請请]|[幫帮]|查|[詢询]|看|的|[訂订][單单]|[單单]|[編编]?[號号]|[碼码]|是|[為为]|末|後|后|三|3|[電电][話话]|手[機机]"
    r"|\b(?:my|order|number|no|is|the|last|digits|phone)\b|[\W_])*",
    re.IGNORECASE,
)
GIVEN_DIGITS = re.compile(rf"(?<!\d)\d{{{LAST}}}(?!\d)")
SHORT = 60  # characters
NAMED_DIGITS = re.compile(r"[末後后]\s*[三3]\s*[碼码]|last\s+(?:three|3)", re.IGNORECASE)
LOOSE_NUMBER = re.compile(r"(?=\D*\d)[A-Z0-9][A-Z0-9-]{2,30}", re.IGNORECASE)
# Who asks how one sees it, or to have it sooner, wants no look-up, but what is published.
IN_GENERAL = re.compile(
    r"怎[麼么樣样].{0,3}[查看]|如何.{0,3}[查看]|哪[裡裏里邊边](?:可以|能)?[查看]|[什甚][麼么]意思|查不到|快一?[點点]|插[隊队]|[趕赶]得?及"
    r"|\bhow (?:do|can) i\b|\bwhat does\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Heard:
    """`only`: the words say nothing besides."""

    number: str = ""
    digits: str = ""
    only: bool = False


def hear(text: str, asked: str = "") -> Heard:
    """What these words tell; `asked` is what the bot has just asked for (number, digits or nothing)."""
    found = entities(text)
    numbers = [one.value for one in found if one.kind == "order_number"]
    rest = unicodedata.normalize("NFKC", mask(text, found))
    if asked == "number" and not numbers and (loose := LOOSE_NUMBER.fullmatch(rest.strip())):
        return Heard(loose[0], only=True)
    digits = _digits(rest, [one.value for one in found if one.kind == "phone"], asked)
    number = numbers[0] if len(numbers) == 1 else ""
    only = bool(number or digits) and _nothing_else(rest, digits)
    return Heard(number, digits, only)


def are_digits(text: str) -> bool:
    """Whether it is nothing but the digits that prove a phone."""
    return GIVEN_DIGITS.fullmatch(unicodedata.normalize("NFKC", text).strip()) is not None


def is_general(text: str) -> bool:
    """Whether a question about orders is about none in particular."""
    return bool(IN_GENERAL.search(text))


def _digits(rest: str, phones: list[str], asked: str) -> str:
    """Digits that were asked for, or that the words call so; of a whole phone its last ones."""
    if asked != "digits" and not NAMED_DIGITS.search(rest):
        return ""
    if phones:
        return last_digits(phones[0])
    given = GIVEN_DIGITS.findall(rest)
    return given[0] if len(given) == 1 else ""


def _nothing_else(rest: str, digits: str) -> bool:
    return bool(AROUND.fullmatch(rest.replace(digits, " ", 1) if digits else rest))
