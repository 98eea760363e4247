"""What a conversation remembers from turn to turn, in its own row: what was asked lately, and what is still unclear."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.models import Conversation

LATELY = timedelta(days=1)
KEPT = 12
CLARIFIED = "clarified"
UNCLEAR = "unclear"
ASKED = "asked"


def clarified(conversation: Conversation) -> int:
    """How often in a row we had to ask what was meant."""
    return int(conversation.state.get(CLARIFIED, 0))


def asked(conversation: Conversation, intent: str, at: datetime) -> int:
    """How often this was asked lately."""
    return sum(known == intent and _lately(when, at) for known, when in conversation.state.get(ASKED, ()))


def remember(conversation: Conversation, intents: list[str], at: datetime) -> None:
    """These were asked now."""
    kept = [[known, when] for known, when in conversation.state.get(ASKED, ()) if _lately(when, at)]
    _keep(conversation, **{ASKED: [*kept, *([intent, int(at.timestamp())] for intent in intents)][-KEPT:]})


def understood(conversation: Conversation) -> None:
    """The customer was understood, or a person has him: the next doubt is a first one again."""
    _keep(conversation, **{CLARIFIED: 0})


def unclear(conversation: Conversation, message_id: int, offered: Mapping[str, str]) -> None:
    """We ask what a message means; `offered` are the intents behind the words on the buttons."""
    doubt = {"message_id": message_id, "offered": dict(offered)}
    _keep(conversation, **{CLARIFIED: clarified(conversation) + 1, UNCLEAR: doubt})


def doubt(conversation: Conversation) -> dict[str, Any] | None:
    """What we asked about last, once: whatever comes next is the answer to it, or none."""
    found: dict[str, Any] | None = conversation.state.get(UNCLEAR)
    if found is not None:
        conversation.state = {key: value for key, value in conversation.state.items() if key != UNCLEAR}
    return found


def _lately(when: int, at: datetime) -> bool:
    return at.timestamp() - when < LATELY.total_seconds()


def _keep(conversation: Conversation, **facts: Any) -> None:
    conversation.state = {**conversation.state, **facts}
