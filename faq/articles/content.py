"""What an article says, as one value: what is live, what is drafted and what was before are told apart, compared and
put in each other's place whole.
"""

import re
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from pydantic import TypeAdapter

from bot.language import fold
from faq.articles.cards import Card
from faq.articles.trees import Tree, fault, parse
from faq.models import Article

CUSTOMERS = "customers"
NO_LETTER = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Passage:
    """A part of the long page, in Markdown. What is `internal` is for colleagues and leaves the house on no way."""

    text: str
    internal: bool = False


@dataclass(frozen=True)
class Content:
    """A question and its answers: `wordings` is what a chat says, `passages` what a page says, each for whom.

    `picture` is the key of the one that a chat shows first, `more_pictures` of those after it, `video` the address of a
    film, for both. Where there is a `card`, a chat draws the answer as one.
    `tree` is a scenario tree (`trees`), for colleagues alone unless it is `tree_for` customers.
    """

    question: str = ""
    category: str = ""
    intent: str = ""
    language: str = "zh-TW"
    wordings: tuple[str, ...] = ()
    buttons: tuple[str, ...] = ()
    passages: tuple[Passage, ...] = ()
    tags: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    picture: str = ""
    video: str = ""
    card: Card | None = None
    tree: str = ""
    tree_for: str = ""
    more_pictures: tuple[str, ...] = ()

    @property
    def pictures(self) -> tuple[str, ...]:
        """The keys of all that a chat shows before the words, in their order."""
        return tuple(key for key in (self.picture, *self.more_pictures) if key)

    @property
    def told(self) -> str:
        """What customers may read, in letters and numbers alone: sentences of others are looked for in it."""
        return "\n".join(filter(None, map(letters, self.customer_texts)))

    @property
    def page(self) -> str:
        """The long page as customers may read it."""
        return "\n\n".join(passage.text for passage in self.passages if not passage.internal)

    @property
    def internal(self) -> tuple[str, ...]:
        """The passages that only colleagues may read."""
        return tuple(passage.text for passage in self.passages if passage.internal)

    @property
    def walked(self) -> Tree | None:
        """The scenario tree, where there is one that can be walked."""
        return parse(self.tree) if self.tree and fault(self.tree) is None else None

    @property
    def withheld(self) -> tuple[str, ...]:
        """All that only colleagues may read: passages, and the advice of a tree of theirs; its questions one asks."""
        advice = self.walked.advice if self.walked and self.tree_for != CUSTOMERS else ()
        return (*self.internal, *advice)

    @property
    def customer_texts(self) -> tuple[str, ...]:
        """All that a customer may come to see."""
        drawn = self.card.texts if self.card else ()
        said = (self.question, *self.wordings, *self.buttons, *drawn) if self.wordings else ()
        walked = self.walked.texts if self.walked and self.tree_for == CUSTOMERS else ()
        return tuple(text for text in (*said, self.page, *walked) if text)

    def as_json(self) -> dict[str, Any]:
        kept: dict[str, Any] = _shape.dump_python(self, mode="json")
        return kept


_shape = TypeAdapter(Content)
FIELDS = tuple(field.name for field in fields(Content))


def read(kept: dict[str, Any]) -> Content:
    """What `as_json` wrote."""
    return _shape.validate_python(kept)


def live(article: Article) -> Content:
    """What stands in the article's row: live, unless it never was."""
    return _shape.validate_python({name: getattr(article, name) for name in FIELDS})


def working(article: Article) -> Content:
    """What the next person edits: the draft, or where there is none what is live."""
    return read(article.draft) if article.draft is not None else live(article)


def put(article: Article, content: Content) -> None:
    """The row says this from now on."""
    for name, value in asdict(content).items():
        setattr(article, name, list(value) if isinstance(value, tuple) else value)
    article.told = content.told


def letters(text: str) -> str:
    """A text folded, in letters and numbers alone: however it is written and punctuated, it is the same."""
    return NO_LETTER.sub("", fold(text))
