"""A message's card as LINE draws it, a Flex bubble. What LINE would not take goes as the text, which says it all."""

import json
from typing import Any

from bot.messages import Card, Outbound, utf16_units

BUBBLE_BYTES = 30_000
ALT_UNITS = 1500
URI_LENGTH = 1000
LABEL_LENGTH = 20
FACT_LENGTH = 300
MUTED, INK = "#6b7280", "#111827"


def bubble(message: Outbound) -> dict[str, Any] | None:
    """The bubble of a message; None where it has no card, or one that LINE would not take."""
    card = message.card
    if card is None or not _fits(card) or utf16_units(message.text) > ALT_UNITS:
        return None
    made = _bubble(card)
    return made if len(json.dumps(made, ensure_ascii=False).encode()) <= BUBBLE_BYTES else None


def _fits(card: Card) -> bool:
    links = all(len(link.label) <= LABEL_LENGTH and len(link.url) <= URI_LENGTH for link in card.links)
    return links and all((card.heading, card.headline, *(part for fact in card.facts for part in fact)))


def _bubble(card: Card) -> dict[str, Any]:
    body: list[dict[str, Any]] = [
        {"type": "text", "text": card.heading, "size": "sm", "color": MUTED, "wrap": True},
        {"type": "text", "text": card.headline, "size": "lg", "weight": "bold", "color": INK, "wrap": True},
        *(_fact(name, value) for name, value in card.facts),
    ]
    parts = {"body": _stacked(body)}
    if card.links:
        parts["footer"] = _stacked([_button(link.label, link.url) for link in card.links])
    return {"type": "bubble", **parts}


def _stacked(contents: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "box", "layout": "vertical", "spacing": "sm", "contents": contents}


def _fact(name: str, value: str) -> dict[str, Any]:
    around = {"type": "text", "size": "sm", "wrap": True}
    told = [
        around | {"text": name, "color": MUTED, "flex": 2},
        around | {"text": value[:FACT_LENGTH], "color": INK, "flex": 5},
    ]
    return {"type": "box", "layout": "baseline", "spacing": "sm", "contents": told}


def _button(label: str, url: str) -> dict[str, Any]:
    action = {"type": "uri", "label": label, "uri": url}
    return {"type": "button", "style": "secondary", "height": "sm", "action": action}
