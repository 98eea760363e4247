"""The shapes of messages between channels and the engine, and the pure rules of their text."""

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

Kind = Literal["text", "sticker", "image", "video", "audio", "file", "location", "postback", "unknown"]
Speaker = Literal["bot", "agent", "system"]

LINE_TEXT_UNITS = 5000
SENTENCE_END = re.compile(r"(?<=[。！？!?\n])")


@dataclass(frozen=True)
class Inbound:
    """One event of a channel, normalised. `what` is message, unsend, follow, unfollow, edit, echo, control or other.

    An echo is what was said in our name: by the bot or the desk (`author` is bot; `key` came back with it), by a
    colleague in the platform's own inbox (agent), or by another program (system). Control tells who holds the
    conversation from now on: somebody else where `standby`. `asks` is what is said to us in company, where we are
    called by our name.
    """

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
    author: str = "customer"
    key: str = ""
    asks: str = ""


@dataclass(frozen=True)
class Button:
    """A short choice under a message; tapping it sends `text` (label ≤ 20 characters).

    What it `brings` along (≤ 300) comes back with the tap, beside the text: the tap means just that, and no words.
    """

    label: str
    text: str
    brings: str = ""

    def as_json(self) -> dict[str, str]:
        brought = {"brings": self.brings} if self.brings else {}
        return {"label": self.label, "text": self.text} | brought

    @classmethod
    def from_json(cls, data: dict[str, str]) -> "Button":
        return cls(data["label"], data["text"], data.get("brings", ""))


@dataclass(frozen=True)
class Media:
    """A picture or a film that the platform fetches from our address, and the small picture of it."""

    kind: Literal["image", "video"]
    url: str
    preview: str


@dataclass(frozen=True)
class Link:
    """A button that opens a page (label ≤ 20 characters)."""

    label: str
    url: str


@dataclass(frozen=True)
class Card:
    """What a message's text says, set as a card where the platform has such: heading, what matters, words, facts, and
    ways on, which say something (`choices`) or open a page. `picture` is its address.
    """

    heading: str
    headline: str
    facts: tuple[tuple[str, str], ...] = ()
    links: tuple[Link, ...] = ()
    words: str = ""
    picture: str = ""
    choices: tuple[Button, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"choices": [button.as_json() for button in self.choices]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Card":
        facts = tuple((name, value) for name, value in data["facts"])
        links = tuple(Link(**link) for link in data["links"])
        drawn = {name: data.get(name, "") for name in ("words", "picture")}
        choices = tuple(map(Button.from_json, data.get("choices", ())))
        return cls(data["heading"], data["headline"], facts, links, **drawn, choices=choices)


@dataclass(frozen=True)
class Outbound:
    """One message to a customer: text and the buttons under it, or a picture or film in its stead.

    A letter has a subject, and may name by its key an earlier one that it `follows`. A `card` says what the text says.
    """

    text: str
    buttons: tuple[Button, ...] = ()
    media: Media | None = None
    subject: str = ""
    follows: str = ""
    card: Card | None = None

    @property
    def plain(self) -> "Outbound":
        """The same where no card is drawn: what could be tapped on it stands below."""
        choices = self.card.choices if self.card else ()
        return replace(self, buttons=(*choices, *self.buttons), card=None)

    @property
    def kind(self) -> Kind:
        return self.media.kind if self.media else "text"

    def as_json(self) -> dict[str, Any]:
        said = {"text": self.text, "buttons": [button.as_json() for button in self.buttons]}
        letter = {"subject": self.subject, "follows": self.follows} if self.subject else {}
        drawn = {"card": self.card.as_json()} if self.card else {}
        return said | letter | drawn | ({"media": asdict(self.media)} if self.media else {})

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Outbound":
        buttons = tuple(map(Button.from_json, data.get("buttons", ())))
        media = Media(**data["media"]) if data.get("media") else None
        letter = {name: data.get(name, "") for name in ("subject", "follows")}
        card = Card.from_json(data["card"]) if data.get("card") else None
        return cls(data["text"], buttons, media, **letter, card=card)


def utf16_units(text: str) -> int:
    """Length as LINE counts it: UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def printable(text: str) -> str:
    """Text that every store and platform takes: no lone surrogates, no NUL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")


def utf8_bytes(text: str) -> int:
    """Length as Instagram counts it."""
    return len(text.encode("utf-8", "replace"))


def split_text(text: str, limit: int = LINE_TEXT_UNITS, measure: Callable[[str], int] = utf16_units) -> list[str]:
    """Cut a text at sentence borders into parts of at most `limit` as measured; only blank parts are dropped."""
    parts: list[str] = []
    current = ""
    for piece in _pieces(text, limit, measure):
        if current and measure(current + piece) > limit:
            parts.append(current)
            current = ""
        current += piece
    return [part for part in (*parts, current) if part.strip()]


def _pieces(text: str, limit: int, measure: Callable[[str], int]) -> Iterator[str]:
    for sentence in SENTENCE_END.split(text):
        if measure(sentence) <= limit:
            yield sentence
        else:
            yield from _by_characters(sentence, limit, measure)


def _by_characters(text: str, limit: int, measure: Callable[[str], int]) -> Iterator[str]:
    current, units = "", 0
    for char in text:
        width = measure(char)
        if units + width > limit:
            yield current
            current, units = "", 0
        current, units = current + char, units + width
    if current:
        yield current
