"""A message's card as Messenger draws it, a generic template. What Meta would not take goes as the text."""

from typing import Any

from bot.channels.messenger.meaning import SAYS
from bot.messages import Outbound

TEXT_LENGTH = 80  # of the title, and of what stands below
LABEL_LENGTH, BUTTONS = 20, 3
PAYLOAD_LENGTH = 1000
DRAWN_ON = "messenger"  # on Instagram a card has no buttons below, and a person must be one tap away there


def attachment(channel: str, message: Outbound) -> dict[str, Any] | None:
    """The template of a message; None where it has no card, or one that is not drawn there."""
    card = message.card
    if card is None or channel != DRAWN_ON or card.heading or card.facts:
        return None
    buttons = [
        *({"type": "postback", "title": one.label, "payload": SAYS + one.text} for one in card.choices),
        *({"type": "web_url", "title": link.label, "url": link.url} for link in card.links),
    ]
    if not _fits(card.headline, card.words, buttons) or not (card.words or card.picture or buttons):
        return None
    drawn = {"title": card.headline, "subtitle": card.words, "image_url": card.picture, "buttons": buttons}
    element = {name: value for name, value in drawn.items() if value}
    return {"type": "template", "payload": {"template_type": "generic", "elements": [element]}}


def _fits(title: str, words: str, buttons: list[dict[str, str]]) -> bool:
    short = 0 < len(title) <= TEXT_LENGTH and len(words) <= TEXT_LENGTH and len(buttons) <= BUTTONS
    named = all(0 < len(one["title"]) <= LABEL_LENGTH for one in buttons)
    return short and named and all(len(one.get("payload", "")) <= PAYLOAD_LENGTH for one in buttons)
