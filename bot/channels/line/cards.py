"""A message's card as LINE draws it, a Flex bubble. What LINE would not take goes as the text, which says it all."""

import json
import re
from typing import Any

from bot.messages import Button, Card, Link, Outbound, utf16_units

BUBBLE_BYTES = 30_000
ALT_UNITS = 1500
URI_LENGTH = 1000
LABEL_LENGTH = 20
FACT_LENGTH = 300
SAID_LENGTH = 300
RATIO = "20:13"
ADDRESS = re.compile(r"https?://[\w.\-]+(?::\d+)?(?:[/?#][\w\-.~:/?#\[\]@!$&'()*+,;=%]*)?", re.ASCII)
"""What LINE opens: with a host, and written in the signs of an address alone."""

MUTED, INK = "#6b7280", "#111827"


def bubble(message: Outbound) -> dict[str, Any] | None:
    """The bubble of a message; None where it has no card, or one that LINE would not take."""
    card = message.card
    if card is None or not _fits(card) or utf16_units(message.text) > ALT_UNITS:
        return None
    made = _bubble(card)
    return made if len(json.dumps(made, ensure_ascii=False).encode()) <= BUBBLE_BYTES else None


def _fits(card: Card) -> bool:
    links = all(len(link.label) <= LABEL_LENGTH and _opened(link.url) for link in card.links)
    choices = all(len(one.label) <= LABEL_LENGTH and len(one.text) <= SAID_LENGTH for one in card.choices)
    said = all((card.headline, *(part for fact in card.facts for part in fact)))
    return links and choices and said and (not card.picture or _opened(card.picture))


def _opened(url: str) -> bool:
    return len(url) <= URI_LENGTH and ADDRESS.fullmatch(url) is not None


def _bubble(card: Card) -> dict[str, Any]:
    parts: dict[str, Any] = {"body": _stacked([*_told(card), *(_fact(name, value) for name, value in card.facts)])}
    ways = [*map(_says, card.choices), *map(_opens, card.links)]
    if card.picture:
        shape = {"size": "full", "aspectRatio": RATIO, "aspectMode": "cover"}
        parts["hero"] = {"type": "image", "url": card.picture, **shape}
    if ways:
        parts["footer"] = _stacked(ways)
    return {"type": "bubble", **parts}


def _told(card: Card) -> list[dict[str, Any]]:
    """Its texts; LINE takes no empty one."""
    around = {"type": "text", "wrap": True}
    texts = [
        around | {"text": card.heading, "size": "sm", "color": MUTED},
        around | {"text": card.headline, "size": "lg", "weight": "bold", "color": INK},
        around | {"text": card.words, "size": "md", "color": INK},
    ]
    return [text for text in texts if text["text"]]


def _stacked(contents: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "box", "layout": "vertical", "spacing": "sm", "contents": contents}


def _fact(name: str, value: str) -> dict[str, Any]:
    around = {"type": "text", "size": "sm", "wrap": True}
    told = [
        around | {"text": name, "color": MUTED, "flex": 2},
        around | {"text": value[:FACT_LENGTH], "color": INK, "flex": 5},
    ]
    return {"type": "box", "layout": "baseline", "spacing": "sm", "contents": told}


def _says(one: Button) -> dict[str, Any]:
    return _button({"type": "message", "label": one.label, "text": one.text})


def _opens(link: Link) -> dict[str, Any]:
    return _button({"type": "uri", "label": link.label, "uri": link.url})


def _button(action: dict[str, str]) -> dict[str, Any]:
    return {"type": "button", "style": "secondary", "height": "sm", "action": action}
