"""What the repository ships to learn from and to be tested on, read once a process: the ground that edits lie on."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from bot.nlu import corpus, heldout, shipped
from bot.nlu.corpus import Sentence
from bot.nlu.features import prepare
from bot.nlu.nearness import Nearness

Keyed = tuple[tuple[str, Sentence], ...]


def sentences() -> Keyed:
    """The shipped sentences in their order, each with its key."""
    return _sentences(shipped.SENTENCES)


def by_key() -> Mapping[str, Sentence]:
    """The shipped sentences, each once."""
    return _by_key(shipped.SENTENCES)


def tests() -> frozenset[str]:
    """The keys of the test messages."""
    return _tests(heldout.TESTS)


def nearness() -> Nearness:
    """The shipped sentences, to be compared with."""
    return _nearness(shipped.SENTENCES)


def sentence(text: str, intent: str = "", place: str = "") -> Sentence:
    """A sentence of staff's own, as one of a file would be read."""
    return Sentence(text, intent, place, prepare(text))


def key(one: Sentence) -> str:
    """Names a sentence however it is written."""
    return hashlib.blake2b(one.core.encode(), digest_size=16).hexdigest()


@lru_cache(maxsize=1)
def _sentences(_: tuple[Path, ...]) -> Keyed:
    return tuple((key(one), one) for one in corpus.sentences())


@lru_cache(maxsize=1)
def _by_key(paths: tuple[Path, ...]) -> Mapping[str, Sentence]:
    return dict(reversed(_sentences(paths)))


@lru_cache(maxsize=1)
def _nearness(paths: tuple[Path, ...]) -> Nearness:
    return Nearness([one.form for _, one in _sentences(paths)])


@lru_cache(maxsize=1)
def _tests(_: Path) -> frozenset[str]:
    return frozenset(key(one) for one in corpus.tests())
