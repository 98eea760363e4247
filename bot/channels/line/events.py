"""LINE's events as plain dictionaries: what is unknown or malformed is kept, nothing raises.

The SDK's parser is not used: one value that it does not know loses the whole batch.
"""

from typing import Any, get_args

from bot.channels.values import clean, object_of, text_of
from bot.clock import from_millis
from bot.messages import Inbound, Kind
from bot.ports import Batches

KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
WHATS = {"unsend": "unsend", "follow": "follow", "unfollow": "unfollow", "messageEdited": "edit"}
SOURCES = ("user", "group", "room")
LONGEST_ID = 80  # that a row holds; LINE's own have some twenty or thirty characters
SHOWN = (
    *("packageId", "stickerId", "keywords", "title", "address", "latitude", "longitude"),
    *("fileName", "fileSize", "duration", "contentProvider", "imageSet", "quotedMessageId"),
)


def split(body: Any) -> Batches:
    """The account (`destination`) and the raw events; anything else in the list is wrapped and kept."""
    if not isinstance(body, dict) or not isinstance(body.get("events"), list):
        raise ValueError("a LINE webhook has a list named events")
    events = [raw if isinstance(raw, dict) else {"type": "malformed", "value": raw} for raw in body["events"]]
    return [(text_of(body.get("destination")) or "unknown", events)]


def normalise(raw: dict[str, Any]) -> Inbound:
    """A LINE event as `Inbound`; unknown types become `other`, unknown fields are left out."""
    source, message = object_of(raw.get("source")), object_of(raw.get("message"))
    source_kind = text_of(source.get("type")) or "user"
    return Inbound(
        what=_what(text_of(raw.get("type"))),
        source_kind=source_kind if source_kind in SOURCES else "other",
        source_id=text_of(source.get(f"{source_kind}Id")) or None,
        kind=_kind(raw, message),
        text=text_of(message.get("text")),
        message_id=_message_id(raw, message)[:LONGEST_ID] or None,
        reply_token=_reply_token(raw),
        occurred_at=from_millis(raw.get("timestamp")),
        standby=raw.get("mode") == "standby",
        payload=_payload(raw, message),
        asks=_asks(message),
    )


def _message_id(raw: dict[str, Any], message: dict[str, Any]) -> str:
    return text_of(message.get("id")) or text_of(object_of(raw.get("unsend")).get("messageId"))


def _reply_token(raw: dict[str, Any]) -> str | None:
    """What is too long is none of LINE's."""
    token = text_of(raw.get("replyToken"))
    return token if 0 < len(token) <= LONGEST_ID else None


def _asks(message: dict[str, Any]) -> str:
    """The text without our name, if it is called. LINE counts UTF-16 units."""
    named = object_of(message.get("mention")).get("mentionees")
    ours = [one for one in map(object_of, named if isinstance(named, list) else ()) if one.get("isSelf") is True]
    units = text_of(message.get("text")).encode("utf-16-le")
    for one in sorted(ours, key=_begins, reverse=True):
        begins, length = _begins(one), one.get("length")
        units = units[: 2 * begins] + units[2 * (begins + (length if isinstance(length, int) else 0)) :]
    return units.decode("utf-16-le", "ignore").strip() if ours else ""


def _begins(mentioned: dict[str, Any]) -> int:
    begins = mentioned.get("index")
    return begins if isinstance(begins, int) and begins >= 0 else 0


def _what(kind: str) -> str:
    return "message" if kind in ("message", "postback") else WHATS.get(kind, "other")


def _kind(raw: dict[str, Any], message: dict[str, Any]) -> Kind:
    if raw.get("type") == "postback":
        return "postback"
    return KINDS.get(text_of(message.get("type")), "unknown")


def _payload(raw: dict[str, Any], message: dict[str, Any]) -> dict[str, Any]:
    """What the console shows beside the text; the whole event stays in the inbox row."""
    if raw.get("type") == "postback":
        postback = object_of(raw.get("postback"))
        return {"data": text_of(postback.get("data")), "params": clean(object_of(postback.get("params")))}
    return {key: clean(message[key]) for key in SHOWN if message.get(key) is not None}
