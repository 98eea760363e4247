"""How alike a text is to every text learned from: by its characters, and by its meaning.

A kernel turns likeness into the worth of a witness, which falls off faster than likeness itself.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.nlu.features import Floats, Vocabulary

CHARACTERS_SHARPEN, MEANING_SHARPENS = 1.0, 2.0
AT_ONCE = 512
Positions = NDArray[np.int64]


@dataclass(frozen=True)
class Characters:
    """The n-grams of all texts learned from, turned round: where each n-gram stands, and how much it weighs there."""

    vocabulary: Vocabulary
    starts: Positions
    texts: NDArray[np.int32]
    weights: Floats
    count: int

    @classmethod
    def learn(cls, prepared: Sequence[str]) -> "Characters":
        vocabulary = Vocabulary.learn(prepared)
        turned = vocabulary.matrix(prepared).tocsc()
        starts = turned.indptr.astype(np.int64)
        return cls(vocabulary, starts, turned.indices.astype(np.int32), turned.data, len(prepared))

    def pairs(self, rows: Positions, panel: Positions) -> Floats:
        """Cosines of some texts learned from to others of them (rows × panel)."""
        from scipy.sparse import csc_matrix

        shape = (self.count, len(self.starts) - 1)
        matrix = csc_matrix((self.weights, self.texts, self.starts), shape=shape).tocsr()
        compared, columns = matrix[rows], matrix[panel].T.tocsr()
        found = np.empty((len(rows), len(panel)), dtype=np.float32)

        def fill(piece: slice) -> None:
            found[piece] = (compared[piece] @ columns).toarray()

        _piecewise(fill, len(rows))
        return found

    def likeness(self, prepared: str) -> Floats:
        """Cosines to all texts learned from."""
        columns, values = self.vocabulary.row(prepared)
        found = [slice(start, end) for start, end in zip(self.starts[columns], self.starts[columns + 1], strict=True)]
        if not found:
            return np.zeros(self.count, dtype=np.float32)
        weights = [value * self.weights[place] for value, place in zip(values, found, strict=True)]
        texts = np.concatenate([self.texts[place] for place in found])
        return np.bincount(texts, np.concatenate(weights), self.count).astype(np.float32)


@dataclass(frozen=True)
class Meanings:
    """The embeddings of all texts learned from, seen from their middle: E5's own directions all look alike."""

    centre: Floats
    directions: Floats

    @classmethod
    def learn(cls, embedded: Floats) -> "Meanings":
        centre = embedded.mean(axis=0)
        return cls(centre, _unit(embedded - centre))

    def beside(self, worth: Floats, rows: Positions, panel: Positions) -> Floats:
        """What texts (rows × panel) are worth to each other by meaning too, beside characters. `worth` is used up."""
        compared, directions = self.directions[rows], self.directions[panel].T

        def add(piece: slice) -> None:
            worth[piece] += _worth(compared[piece] @ directions, MEANING_SHARPENS)

        _piecewise(add, len(rows))
        return worth

    def likeness(self, embedded: Floats) -> Floats:
        """Cosines to these texts. Not by BLAS, whose threads spin for a core they do not get."""
        return np.asarray(np.einsum("ij,j->i", self.directions, _unit(embedded - self.centre)))


def evidence(by_characters: Any, by_meaning: Any = None) -> Any:
    """What texts so alike are worth as witnesses: most, if they are the same. What is given is used up."""
    worth = _worth(by_characters, CHARACTERS_SHARPEN)
    return worth if by_meaning is None else np.add(worth, _worth(by_meaning, MEANING_SHARPENS), out=worth)


def _worth(alike: Any, sharpens: float) -> Any:
    alike -= 1
    alike *= sharpens
    return np.exp(alike, out=alike)


def _unit(vectors: Floats) -> Floats:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-9), dtype=np.float32)


def _piecewise(work: Callable[[slice], None], count: int) -> None:
    """Work on some rows at a time: all at once would need several times the memory; each core takes the next."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(work, (slice(first, first + AT_ONCE) for first in range(0, count, AT_ONCE))))
