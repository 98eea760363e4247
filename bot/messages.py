"""The shapes of messages between channels and the engine, and the pure rules of their text."""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

Kind = Literal["text", "sticker", "image", "video", "audio", "file", "location", "postback", "unknown"]
Speaker = Literal["bot", "agent", "system"]

LINE_TEXT_UNITS = 5000
SENTENCE_END = re.compile(r"(?<=[。！？!?\n])")


@dataclass(frozen=True)
class Inbound:
    """One event of a channel, normalised. `what` is message, unsend, follow, unfollow, edit or other."""

    what: str
    source_kind: str = "user"
    source_id: str | None = None
    kind: Kind = "unknown"
    text: str = ""
    message_id: str | None = None
    reply_token: str | None = None
    occurred_at: datetime | None = None
    standby: bool = False
    payload: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Button:
    """A short choice under a message; tapping it sends `text` (label ≤ 20 characters)."""

    label: str
    text: str


@dataclass(frozen=True)
class Media:
    """A picture or a film that the platform fetches from our address, and the small picture of it."""

    kind: Literal["image", "video"]
    url: str
    preview: str


@dataclass(frozen=True)
class Outbound:
    """One message to a customer: text and the buttons under it, or a picture or film in its stead."""

    text: str
    buttons: tuple[Button, ...] = ()
    media: Media | None = None

    @property
    def kind(self) -> Kind:
        return self.media.kind if self.media else "text"

    def as_json(self) -> dict[str, Any]:
        said = {"text": self.text, "buttons": [{"label": b.label, "text": b.text} for b in self.buttons]}
        return said | ({"media": asdict(self.media)} if self.media else {})

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Outbound":
        media = Media(**data["media"]) if data.get("media") else None
        return cls(data["text"], tuple(Button(b["label"], b["text"]) for b in data.get("buttons", ())), media)


def utf16_units(text: str) -> int:
    """Length as LINE counts it: UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def printable(text: str) -> str:
    """Text that every store and platform takes: no lone surrogates, no NUL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")


def split_text(text: str, limit: int = LINE_TEXT_UNITS) -> list[str]:
    """Cut a text at sentence borders into parts of at most `limit` UTF-16 units; only blank parts are dropped."""
    parts: list[str] = []
    current = ""
    for piece in _pieces(text, limit):
        if current and utf16_units(current + piece) > limit:
            parts.append(current)
            current = ""
        current += piece
    return [part for part in (*parts, current) if part.strip()]


def _pieces(text: str, limit: int) -> Iterator[str]:
    for sentence in SENTENCE_END.split(text):
        if utf16_units(sentence) <= limit:
            yield sentence
        else:
            yield from _by_units(sentence, limit)


def _by_units(text: str, limit: int) -> Iterator[str]:
    current, units = "", 0
    for char in text:
        width = utf16_units(char)
        if units + width > limit:
            yield current
            current, units = "", 0
        current, units = current + char, units + width
    if current:
        yield current
