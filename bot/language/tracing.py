"""What came from a text, however it was written there: what a customer takes back must be found again.

Values are kept as systems write them (half width, capitals, phones in digits), and not as they were typed.
"""

import re

from bot.language.entities import VEIL, aligned, entities
from bot.language.folding import fold

LONG = 20  # of a line that is surely a piece of a longer message


def came_from(value: object, text: str) -> bool:
    """Whether this value stands in these words, or what stands there means it."""
    said = str(value).strip()
    if not said:
        return False
    folded = fold(said)
    written = _alone(aligned(said)).search(aligned(text)) or (folded and _alone(folded).search(fold(text)))
    return bool(written) or any(fact.value == said for fact in entities(text))


def without(said: str, text: str) -> str:
    """What is left of words, a message a line, when one of them is gone; all as it was, if it is none of them."""
    own = {line.strip() for line in text.split("\n")} - {""}
    lines = said.split("\n")
    left = [line for line in lines if line.strip() not in own and not (len(line.strip()) >= LONG and line in text)]
    return "\n".join(left).strip() if len(left) < len(lines) else said


def veiled(held: object, text: str) -> object:
    """The same, whatever its shape, with these words covered."""
    if isinstance(held, str):
        return _alone(text).sub(VEIL, held)
    if isinstance(held, dict):
        return {name: veiled(value, text) for name, value in held.items()}
    return [veiled(value, text) for value in held] if isinstance(held, list) else held


def _alone(text: str) -> re.Pattern[str]:
    """These words, and not a part of a longer number or word."""
    return re.compile(rf"(?<![0-9A-Za-z]){re.escape(text.strip())}(?![0-9A-Za-z])", re.IGNORECASE)
