"""What the classifier sees of a text: character n-grams of its folded, masked form, weighted by TF-IDF.

Plain numpy once trained, so that a worker needs no scikit-learn to understand.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.language import entities, fold, mask

Floats = NDArray[np.float32]
LONGEST = 4
ENOUGH_TEXTS = 2
MOST_CHARACTERS = 600  # what somebody wants stands in the first sentences


def prepare(text: str) -> str:
    """The form that is learned from: facts masked, writing folded, endless texts cut."""
    text = text[:MOST_CHARACTERS]
    return fold(mask(text, entities(text)))


def ngrams(prepared: str) -> Counter[str]:
    """Runs of one to four characters, with how often each occurs; the text's borders count as spaces."""
    framed = f" {prepared} "
    return Counter(framed[at : at + size] for size in range(1, LONGEST + 1) for at in range(len(framed) - size + 1))


@dataclass(frozen=True)
class Vocabulary:
    """The n-grams of the training data: their columns and weights."""

    columns: dict[str, int]
    weights: Floats

    @classmethod
    def learn(cls, prepared: Sequence[str]) -> "Vocabulary":
        """N-grams that at least two texts share; the rarer, the heavier."""
        seen = Counter(term for text in prepared for term in ngrams(text))
        terms = sorted(term for term, texts in seen.items() if texts >= ENOUGH_TEXTS)
        texts = np.array([seen[term] for term in terms], dtype=np.float32)
        weights = np.log((1 + len(prepared)) / (1 + texts)) + 1
        return cls({term: column for column, term in enumerate(terms)}, weights.astype(np.float32))

    def row(self, prepared: str) -> tuple[NDArray[np.int64], Floats]:
        """Columns and values of one text, of length 1 (or nothing, if every n-gram is new)."""
        known = [(self.columns[term], times) for term, times in ngrams(prepared).items() if term in self.columns]
        columns = np.array([column for column, _ in known], dtype=np.int64)
        values = (1 + np.log(np.array([times for _, times in known], dtype=np.float32))) * self.weights[columns]
        length = float(np.linalg.norm(values)) or 1.0
        return columns, (values / length).astype(np.float32)

    def matrix(self, prepared: Sequence[str]) -> Any:
        """The rows of many texts as a SciPy matrix, for training."""
        from scipy.sparse import csr_matrix

        rows = [self.row(text) for text in prepared]
        ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
        columns = np.concatenate([columns for columns, _ in rows])
        values = np.concatenate([values for _, values in rows])
        return csr_matrix((values, columns, ends), shape=(len(rows), len(self.columns)))

    def familiarity(self, prepared: str) -> float:
        """The share of characters and pairs of characters that the training data knows."""
        short = [term for term in ngrams(prepared) if len(term.strip()) in (1, 2)]
        return sum(term in self.columns for term in short) / len(short) if short else 0.0
