"""What a conversation remembers from turn to turn, in its own row: what was asked lately, and what is still unclear."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.language import came_from
from bot.models import Conversation

LATELY = timedelta(days=1)
KEPT = 12
CLARIFIED = "clarified"
UNCLEAR = "unclear"
ASKED = "asked"
TOLD = "told"
ORDER = "order"
HALF_AN_HOUR = timedelta(minutes=30)
ASKING = "asking"
STANDS = "stands"
SPEAKS = "speaks"


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


def speaks(conversation: Conversation, language: str, at: datetime) -> None:
    """He writes in this language now."""
    _keep(conversation, **{SPEAKS: [language, int(at.timestamp())]})


def spoke(conversation: Conversation, at: datetime) -> str:
    """The language in which he wrote lately, if he did."""
    language, when = conversation.state.get(SPEAKS, ("", 0))
    return str(language) if _lately(when, at) else ""


def facts(conversation: Conversation, at: datetime) -> dict[str, Any]:
    """What the customer told lately (order number, amount), by kind: nobody asks for it again."""
    return {kind: value for kind, (value, when) in conversation.state.get(TOLD, {}).items() if _lately(when, at)}


def learn(conversation: Conversation, told: Mapping[str, Any], at: datetime) -> None:
    """The customer told these now; what was told long ago is forgotten."""
    fresh = {kind: known for kind, known in conversation.state.get(TOLD, {}).items() if _lately(known[1], at)}
    now_told = {kind: [value, int(at.timestamp())] for kind, value in told.items()}
    if fresh or now_told or TOLD in conversation.state:
        _keep(conversation, **{TOLD: fresh | now_told})


def stands(conversation: Conversation, source: str, path: Sequence[int], at: datetime) -> None:
    """In the scenario tree of this article, after these choices, the customer is to choose."""
    _keep(conversation, **{STANDS: [source, list(path), int(at.timestamp())]})


def stood(conversation: Conversation, at: datetime) -> tuple[str, list[int]] | None:
    """Where that was, once: whoever says anything else than an option stands there no more."""
    source, path, when = conversation.state.get(STANDS) or ("", [], 0)
    if source:
        _keep(conversation, **{STANDS: None})
    return (source, path) if source and at.timestamp() - when < HALF_AN_HOUR.total_seconds() else None


def forget(conversation: Conversation, text: str) -> None:
    """The customer took `text` back: what was told there was never told."""
    told = conversation.state.get(TOLD, {})
    kept = {kind: known for kind, known in told.items() if not came_from(known[0], text)}
    if kept != told:
        _keep(conversation, **{TOLD: kept})
    if came_from(conversation.state.get(ORDER, ("", ""))[1], text):
        _keep(conversation, **{ORDER: ["", "", 0]})


def order_asked(conversation: Conversation, at: datetime) -> tuple[str, str]:
    """What we asked about an order a moment ago (its number, or digits), and the number in question."""
    asked, number, when = conversation.state.get(ORDER, ("", "", 0))
    return (asked, number) if at.timestamp() - when < HALF_AN_HOUR.total_seconds() else ("", "")


def ask_about_order(conversation: Conversation, asked: str, number: str, at: datetime) -> None:
    """We ask this now; nothing, where the matter is done with."""
    if asked or ORDER in conversation.state:
        _keep(conversation, **{ORDER: [asked, number, int(at.timestamp())]})


def understood(conversation: Conversation) -> None:
    """The customer was understood, or a person has him: the next doubt is a first one again."""
    _keep(conversation, **{CLARIFIED: 0})


def refused(conversation: Conversation) -> None:
    """What he wants is none of our matters, as far as we can tell: the next doubt is a second one."""
    _keep(conversation, **{CLARIFIED: clarified(conversation) + 1})


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


def asking(conversation: Conversation) -> int | None:
    """The form that the customer is being asked, by its id."""
    found: int | None = conversation.state.get(ASKING)
    return found


def ask(conversation: Conversation, intake_id: int | None) -> None:
    """From now on this form is being asked; or none any more."""
    _keep(conversation, **{ASKING: intake_id})


def _lately(when: int, at: datetime) -> bool:
    return at.timestamp() - when < LATELY.total_seconds()


def _keep(conversation: Conversation, **facts: Any) -> None:
    conversation.state = {**conversation.state, **facts}
