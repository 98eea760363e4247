"""What LINE accepts as messages, and how it says no. Pure: the body of a call in, its errors out."""

from collections.abc import Iterator
from typing import Any

from bot.messages import utf16_units

Details = list[dict[str, str]]
KINDS = (
    "text",
    "textV2",
    "sticker",
    "image",
    "video",
    "audio",
    "location",
    "imagemap",
    "template",
    "flex",
)
REQUIRED = {
    "sticker": ("packageId", "stickerId"),
    "image": ("originalContentUrl", "previewImageUrl"),
    "video": ("originalContentUrl", "previewImageUrl"),
    "audio": ("originalContentUrl", "duration"),
    "location": ("title", "address", "latitude", "longitude"),
    "imagemap": ("baseUrl", "altText", "baseSize", "actions"),
    "template": ("altText", "template"),
    "flex": ("altText", "contents"),
}
TEXT_UNITS = 5000
QUICK_REPLIES = 13
LABEL = SENDER_NAME = 20


class LineError(Exception):
    """An error answer of the Messaging API."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"message": message, **more}
        self.headers: dict[str, str] = {}


def check(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The messages of a call, or the LineError that LINE answers with."""
    messages = body.get("messages")
    if not isinstance(messages, list) or not 1 <= len(messages) <= 5:
        raise _refusal([_wrong("messages", "Size must be between 1 and 5")])
    if details := [detail for at, message in enumerate(messages) for detail in _message(f"messages[{at}]", message)]:
        raise _refusal(details)
    return messages


def _refusal(details: Details) -> LineError:
    return LineError(400, f"The request body has {len(details)} error(s)", details=details)


def _wrong(where: str, message: str) -> dict[str, str]:
    return {"message": message, "property": where}


def _message(at: str, message: Any) -> Iterator[dict[str, str]]:
    if not isinstance(message, dict) or message.get("type") not in KINDS:
        yield _wrong(f"{at}.type", f"Must be one of the following values: [{', '.join(KINDS)}]")
        return
    if message["type"] in ("text", "textV2"):
        yield from _text(f"{at}.text", message.get("text"), TEXT_UNITS)
    for name in REQUIRED.get(message["type"], ()):
        if message.get(name) in (None, ""):
            yield _wrong(f"{at}.{name}", "May not be empty")
    yield from _sender(f"{at}.sender", message.get("sender") or {})
    yield from _quick_reply(f"{at}.quickReply.items", message.get("quickReply"))


def _text(at: str, text: Any, limit: int) -> Iterator[dict[str, str]]:
    if not isinstance(text, str) or not text:
        yield _wrong(at, "May not be empty")
    elif utf16_units(text) > limit:
        yield _wrong(at, f"Length must be between 0 and {limit}")


def _sender(at: str, sender: dict[str, Any]) -> Iterator[dict[str, str]]:
    name = sender.get("name") or ""
    if len(name) > SENDER_NAME:
        yield _wrong(f"{at}.name", f"Length must be between 0 and {SENDER_NAME}")
    if "LINE" in name.upper().split():
        yield _wrong(f"{at}.name", "May not contain reserved words")


def _quick_reply(at: str, quick_reply: Any) -> Iterator[dict[str, str]]:
    if quick_reply is None:
        return
    items = quick_reply.get("items") if isinstance(quick_reply, dict) else None
    if not isinstance(items, list) or not 1 <= len(items) <= QUICK_REPLIES:
        yield _wrong(at, f"Size must be between 1 and {QUICK_REPLIES}")
        return
    for number, item in enumerate(items):
        yield from _action(f"{at}[{number}].action", item.get("action") or {})


def _action(at: str, action: dict[str, Any]) -> Iterator[dict[str, str]]:
    yield from _text(f"{at}.label", action.get("label"), LABEL)
    if action.get("type") == "message":
        yield from _text(f"{at}.text", action.get("text"), 300)
    if action.get("type") == "postback":
        yield from _text(f"{at}.data", action.get("data"), 300)
