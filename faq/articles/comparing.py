"""Two versions side by side: what each says, field by field, with what differs marked."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import NamedTuple

from faq.articles.content import Content


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
    return [_row(field, number, *both) for field, number, both in _aligned(left, right)]


def _aligned(left: Content, right: Content) -> Iterator[tuple[str, int, tuple[str, str]]]:
    sides = [_texts(left), _texts(right)]
    for field in sides[0]:
        both = zip_longest(sides[0][field], sides[1][field], fillvalue="")
        yield from ((field, number, pair) for number, pair in enumerate(both, 1) if any(pair))


def _texts(content: Content) -> dict[str, Sequence[str]]:
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
        "picture": [content.picture],
        "video": [content.video],
        "tree": content.tree.splitlines(),
        "tree_for": [content.tree_for],
        "tags": ["、".join(content.tags)],
        "tiers": ["、".join(content.tiers)],
        "valid_from": dates[:1],
        "valid_until": dates[1:],
    }


def _row(field: str, number: int, left: str, right: str) -> Row:
    matched = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    kept = [(tag != "equal", left[a:b], right[c:d]) for tag, a, b, c, d in matched]
    return Row(
        field,
        number,
        [Piece(text, differs) for differs, text, _ in kept if text],
        [Piece(text, differs) for differs, _, text in kept if text],
    )
