"""How well articles fit by characters and pairs of characters that texts share.

Chinese is written without spaces, so a word is whatever two neighbours make; Latin words and numbers count
as they are. Ranked by BM25 among the candidates, as the question was written and as it is plainly said: who asks in the
very words of an article means it.
"""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import add

from bot.language import as_said_here, bare, fold, plainly, words
from faq.models import Article

RUN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|[a-z0-9]+")
CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
SATURATION = 1.2
LENGTH_WEIGHT = 0.6


@dataclass(frozen=True)
class Hit:
    """An article and how well it fits; scores compare within one search only. `close`: it means what was asked."""

    article: Article
    score: float
    close: bool = False


@dataclass(frozen=True)
class _Document:
    """How often a text holds each token that is wanted, and how many it has in all."""

    counts: Mapping[str, int]
    length: int


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


def fits(query: str, said: Sequence[str | None]) -> list[float]:
    """How well each text fits among these, of which what is given is the words that are kept with it. They say an
    article's question twice, as it is written and plainly. None where nobody has read it so far."""
    wanted = _wanted(words(f"{query} {plain(query)}"))
    documents = [_document(text or "", wanted) for text in said]
    weights = _rarity(wanted, documents)
    usual = sum(document.length for document in documents) / max(len(documents), 1)
    return [round(_score(weights, document, usual), 4) for document in documents]


def _wanted(asked: str) -> dict[str, str]:
    """The words and each character, which a pair begins; with how each stands in what is kept of a text."""
    pairs = asked.split()
    tokens = (*pairs, *(pair[0] for pair in pairs if not pair.isascii()))
    return {token: f" {token}" if CHINESE.match(token) else f" {token} " for token in tokens}


def _document(text: str, wanted: Mapping[str, str]) -> _Document:
    """Looked for in the text as it is: to take it apart takes longer."""
    framed = f" {text} "
    counts = {token: framed.count(written) for token, written in wanted.items() if written in framed}
    return _Document(counts, text.count(" ") + bool(text))


def _rarity(wanted: Collection[str], documents: Sequence[_Document]) -> dict[str, float]:
    """How much each wanted token tells: the fewer articles hold it, the more."""
    held = {token: sum(token in document.counts for document in documents) for token in wanted}
    return {token: math.log(1 + (len(documents) - n + 0.5) / (n + 0.5)) for token, n in held.items()}


def _score(weights: Mapping[str, float], document: _Document, usual: float) -> float:
    length = 1 - LENGTH_WEIGHT + LENGTH_WEIGHT * document.length / usual if usual else 1.0
    return sum(
        weights[token] * times * (SATURATION + 1) / (times + SATURATION * length)
        for token, times in document.counts.items()
    )
