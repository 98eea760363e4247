"""A customer's words without the customer: what names a person, or an order, is covered before others read it."""

import re

from bot.language import entities, mask

PERSONAL = ("order_number", "case_number", "phone", "email", "tax_id", "national_id", "card")
NAMELESS = "○○"
SHORTEST = 2  # of a name: a single sign may be anything
CHINESE = re.compile("[\u4e00-\u9fff]{3,4}")


def masked(text: str, name: str) -> str:
    """The text with its facts as the marks that the classifier sees, and without the customer's name."""
    covered = mask(text, [entity for entity in entities(text) if entity.kind in PERSONAL])
    for part in _parts(name.strip()):
        covered = covered.replace(part, NAMELESS)
    return " ".join(covered.split())


def _parts(name: str) -> list[str]:
    """What somebody may call himself: the whole name, or in Chinese what stands after the family's."""
    given = [name[1:]] if CHINESE.fullmatch(name) else []
    return [part for part in (name, *given) if len(part) >= SHORTEST]
