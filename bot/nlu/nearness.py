"""Which sentences are written alike: cosines of character n-grams, after folding and masking as the engine does."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

BLOCK = 512  # rows compared at once: a matrix of all pairs would fill the memory


class Nearness:
    """Sentences to compare with; `texts` as `features.prepare` makes them."""

    def __init__(self, texts: Sequence[str]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer  # takes a second to import

        self._vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), lowercase=False, sublinear_tf=True)
        self._rows = self._vectorizer.fit_transform(texts)

    def nearest(self, text: str, count: int) -> list[tuple[int, float]]:
        """The most alike sentences, by their number, with the cosine."""
        cosines = self._cosines([text]).toarray()[0]
        best = np.argsort(-cosines, kind="stable")[:count]
        return [(int(at), round(float(cosines[at]), 4)) for at in best if cosines[at] > 0]

    def pairs(self, least: float) -> Iterator[tuple[int, int, float]]:
        """All pairs of sentences at least so alike, each once."""
        for first in range(0, self._rows.shape[0], BLOCK):
            found = (self._rows[first : first + BLOCK] @ self._rows.T).tocoo()
            for row, column, cosine in _at_least(found, least):
                if column > first + row:
                    yield first + row, column, cosine

    def likes(self, texts: Sequence[str], least: float) -> Iterator[tuple[int, int, float]]:
        """Pairs of one of `texts` and a sentence that are at least so alike."""
        yield from _at_least(self._cosines(texts).tocoo(), least)

    def _cosines(self, texts: Sequence[str]) -> Any:
        return self._vectorizer.transform(texts) @ self._rows.T


def _at_least(found: Any, least: float) -> Iterator[tuple[int, int, float]]:
    for at in np.flatnonzero(found.data >= least):
        yield int(found.row[at]), int(found.col[at]), float(found.data[at])
