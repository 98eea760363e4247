"""How well articles fit by characters and pairs of characters that texts share.

Chinese is written without spaces, so a word is whatever two neighbours make; Latin words and numbers count
as they are. Ranked by BM25 among the candidates, as the question was written and as it is plainly said: who asks in the
very words of an article means it.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from operator import add

from bot.language import as_said_here, bare, fold, plainly, words
from faq.models import Article

RUN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|[a-z0-9]+")
SATURATION = 1.2
LENGTH_WEIGHT = 0.6
Document = Counter[str]


@dataclass(frozen=True)
class Hit:
    """An article and how well it fits; scores compare within one search only. `close`: it means what was asked."""

    article: Article
    score: float
    close: bool = False


def plain(text: str) -> str:
    """One writing for what is written, and said, in several ways."""
    return plainly(as_said_here(bare(fold(text))))


@lru_cache(maxsize=20_000)
def tokens(text: str) -> tuple[str, ...]:
    """The text's Latin words, numbers, Chinese characters and their pairs, put as they are plainly said here."""
    found: list[str] = []
    for run in RUN.findall(plain(text)):
        if run.isascii():
            found.append(run)
        else:
            found += [*run, *map(add, run, run[1:])]
    return tuple(found)


def document(words: str | None) -> Document:
    """How often each token stands in what an article is found by, which says its question twice: as it is written and
    plainly. The pairs are there already, and each begins with a character. Nobody may have read a row so far."""
    pairs = (words or "").split()
    return Counter(chain(pairs, (pair[0] for pair in pairs if len(pair) > 1 and not pair.isascii())))


def fits(query: str, documents: Sequence[Document]) -> list[float]:
    """How well each document fits among these."""
    weights = _rarity(set(document(words(f"{query} {plain(query)}"))), documents)
    usual = sum(document.total() for document in documents) / max(len(documents), 1)
    return [round(_score(weights, document, usual), 4) for document in documents]


def _rarity(wanted: set[str], documents: Sequence[Document]) -> dict[str, float]:
    """How much each wanted token tells: the fewer articles hold it, the more."""
    held = {token: sum(token in document for document in documents) for token in sorted(wanted)}
    return {token: math.log(1 + (len(documents) - n + 0.5) / (n + 0.5)) for token, n in held.items()}


def _score(weights: dict[str, float], document: Document, usual: float) -> float:
    length = 1 - LENGTH_WEIGHT + LENGTH_WEIGHT * document.total() / usual if usual else 1.0
    return sum(
        weight * document[token] * (SATURATION + 1) / (document[token] + SATURATION * length)
        for token, weight in weights.items()
        if token in document
    )
