"""Order numbers and telephone digits, in whatever way people write them."""

import re
import unicodedata

SIGNS = re.compile(r"[^0-9A-Z]")
NO_DIGIT = re.compile(r"\D")
ABROAD = re.compile(r"^(?:00)?886")
LAST = 3  # digits of the phone that prove an order, together with its number


def key(number: str) -> str:
    """An order number as it is compared: capitals and digits alone."""
    return SIGNS.sub("", unicodedata.normalize("NFKC", number).upper())


def phone(text: str) -> str:
    """A telephone number in digits, as it is dialled in Taiwan."""
    digits = ABROAD.sub("0", NO_DIGIT.sub("", unicodedata.normalize("NFKC", text)))
    return "0" + digits.lstrip("0") if digits else ""


def last_digits(text: str) -> str:
    """What proves a phone: its last digits, empty where there are fewer."""
    digits = NO_DIGIT.sub("", text)
    return digits[-LAST:] if len(digits) >= LAST else ""
