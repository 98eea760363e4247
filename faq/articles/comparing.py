"""Two versions side by side: what each says, field by field, with what differs marked."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import NamedTuple

from faq.articles import cards
from faq.articles.content import Content

Texts = Mapping[str, Sequence[str]]


class Piece(NamedTuple):
    """A part of a text; `differs`: the other side has it not."""

    text: str
    differs: bool


class Row(NamedTuple):
    """A field as both say it; `number` tells several of a kind apart."""

    field: str
    number: int
    left: Sequence[Piece]
    right: Sequence[Piece]

    @property
    def differs(self) -> bool:
        return any(piece.differs for piece in (*self.left, *self.right))


def compare(left: Content, right: Content) -> list[Row]:
    """All fields of which one side says something."""
    return beside(_texts(left), _texts(right))


def beside(left: Texts, right: Texts) -> list[Row]:
    """The same of whatever has texts by field."""
    return [_row(field, number, *both) for field, number, both in _aligned(left, right)]


def _aligned(left: Texts, right: Texts) -> Iterator[tuple[str, int, tuple[str, str]]]:
    for field in {**left, **right}:
        both = zip_longest(left.get(field, ()), right.get(field, ()), fillvalue="")
        yield from ((field, number, pair) for number, pair in enumerate(both, 1) if any(pair))


def _texts(content: Content) -> Texts:
    dates = [day.isoformat() if day else "" for day in (content.valid_from, content.valid_until)]
    return {
        "question": [content.question],
        "category": [content.category],
        "intent": [content.intent],
        "language": [content.language],
        "answer": content.wordings,
        "buttons": ["｜".join(content.buttons)],
        "page": [passage.text for passage in content.passages if not passage.internal],
        "internal": content.internal,
        "picture": content.pictures,
        "video": [content.video],
        "card": _card(content),
        "tree": content.tree.splitlines(),
        "tree_for": [content.tree_for],
        "tags": ["、".join(content.tags)],
        "tiers": ["、".join(content.tiers)],
        "valid_from": dates[:1],
        "valid_until": dates[1:],
    }


def _card(content: Content) -> Sequence[str]:
    drawn = content.card
    return [drawn.title, drawn.words, drawn.picture, *map(cards.line, drawn.ways)] if drawn else []


def _row(field: str, number: int, left: str, right: str) -> Row:
    matched = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    kept = [(tag != "equal", left[a:b], right[c:d]) for tag, a, b, c, d in matched]
    return Row(
        field,
        number,
        [Piece(text, differs) for differs, text, _ in kept if text],
        [Piece(text, differs) for differs, _, text in kept if text],
    )
