"""What is compared of a text: character n-grams of its folded, masked form, weighted by TF-IDF."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.language import as_said_here, asked, bare, fold, masked, plainly

Floats = NDArray[np.float32]
LONGEST = 3
MOST_CHARACTERS = 600  # what somebody wants stands in the first sentences


def prepare(text: str) -> str:
    """The form that is learned from: facts masked, writing folded, words those used here, endless texts cut.

    What is pasted before a question is no part of it.
    """
    return asked(as_said_here(fold(masked(text[:MOST_CHARACTERS]))))


def ngrams(prepared: str) -> Counter[str]:
    """Runs of one to three characters, with how often each occurs; the text's borders count as spaces.

    Of the plainest words, without courtesies: characters know no synonyms, and take every 「你好」 for a greeting.
    """
    framed = f" {bare(plainly(prepared))} "
    return Counter(framed[at : at + size] for size in range(1, LONGEST + 1) for at in range(len(framed) - size + 1))


@dataclass(frozen=True)
class Vocabulary:
    """The n-grams of the training data, the rarer the heavier; one that nobody has written weighs most."""

    columns: dict[str, int]
    weights: Floats
    unknown: float

    @classmethod
    def learn(cls, prepared: Sequence[str]) -> "Vocabulary":
        seen = Counter(term for text in prepared for term in ngrams(text))
        terms = sorted(seen)
        texts = np.array([seen[term] for term in terms], dtype=np.float32)
        weights = np.log((1 + len(prepared)) / (1 + texts)) + 1
        unknown = float(np.log(1 + len(prepared)) + 1)
        return cls({term: column for column, term in enumerate(terms)}, weights.astype(np.float32), unknown)

    def row(self, prepared: str) -> tuple[NDArray[np.int64], Floats]:
        """Columns and values of one text; of length 1, less what is unknown: what is foreign resembles nothing."""
        counts = ngrams(prepared)
        known = [(self.columns[term], times) for term, times in counts.items() if term in self.columns]
        columns = np.array([column for column, _ in known], dtype=np.int64)
        values = (1 + np.log(np.array([times for _, times in known], dtype=np.float32))) * self.weights[columns]
        foreign = (len(counts) - len(known)) * self.unknown**2
        return columns, (values / np.sqrt(float(values @ values) + foreign)).astype(np.float32)

    def matrix(self, prepared: Sequence[str]) -> Any:
        """The rows of many texts as a SciPy matrix."""
        from scipy.sparse import csr_matrix

        rows = [self.row(text) for text in prepared]
        ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
        columns = np.concatenate([columns for columns, _ in rows])
        values = np.concatenate([values for _, values in rows])
        return csr_matrix((values, columns, ends), shape=(len(rows), len(self.columns)))
