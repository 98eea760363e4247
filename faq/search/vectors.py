"""The articles' vectors, kept in memory by each process that searches, and read again when one of them changed.

To go over tens of thousands of them takes as long as memory takes to give them, so each is also kept in short, by the
directions in which they differ most: in full only those are compared that are alike in short.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from bot.nlu.embedding import Floats
from faq.models import ArticleVector

Halves = NDArray[np.float16]
CHECK_SECONDS = 1.0
SHORT = 128  # numbers of a vector in short: of the 40 nearest, the 500 most alike in short miss one in a thousand
IN_FULL = 500
LEARNED_FROM = 5000  # vectors, which tell the directions
PATIENCE = 20  # times what reading them took: while thousands are being learned, they are not read each second


@dataclass(frozen=True)
class Held:
    """Ids of articles in order and, a row each, their vectors, in full as rows of the database hold them and in short;
    `directions` make a short one. `stamp` tells whether there are others by now."""

    ids: NDArray[np.int64]
    full: Halves
    short: Floats
    directions: Floats
    stamp: tuple[object, ...] = ()


NONE = np.zeros((0, 0), np.float32)
NOTHING = Held(np.zeros(0, np.int64), NONE.astype(np.float16), NONE, NONE)


class Shelf:
    """The vectors of one database."""

    def __init__(self, vectors: Held = NOTHING) -> None:
        self._held = vectors
        self._look_at = float("-inf")
        self._reads = Lock()

    @property
    def known(self) -> bool:
        return len(self._held.ids) > 0

    def look(self, session: Session) -> "Shelf":
        """Read them, if it is time and some have changed; who comes while another reads goes on with what there is."""
        if time.monotonic() >= self._look_at and self._reads.acquire(blocking=False):
            try:
                self._look(session)
            finally:
                self._reads.release()
        return self

    def _look(self, session: Session) -> None:
        began = time.monotonic()
        self._look_at = began + CHECK_SECONDS
        stamp = session.execute(select(func.count(), func.max(ArticleVector.made_at)).select_from(ArticleVector))
        self._read(session, stamp.one())
        self._look_at = time.monotonic() + max(CHECK_SECONDS, PATIENCE * (time.monotonic() - began))

    def nearest(self, heard: Floats, count: int) -> list[tuple[int, float]]:
        """The articles that mean most alike, with the cosine."""
        held = self._held
        if not len(held.ids):  # forgotten meanwhile
            return []
        alike = _highest(_products(held.short, _products(held.directions.T, heard)), IN_FULL)
        cosines = _products(held.full[alike].astype(np.float32), heard)
        best = _highest(cosines, count)
        best = best[np.argsort(-cosines[best], kind="stable")]
        return [(int(held.ids[alike[at]]), float(cosines[at])) for at in best]

    def cosines(self, heard: Floats, ids: Sequence[int]) -> dict[int, float]:
        """How alike these articles are to what was heard; those that nobody has learned are left out."""
        held = self._held
        if not len(held.ids):
            return {}
        wanted = np.array(sorted(ids), np.int64)
        at = np.minimum(np.searchsorted(held.ids, wanted), len(held.ids) - 1)
        at = at[held.ids[at] == wanted]
        found = _products(held.full[at].astype(np.float32), heard)
        return {int(article): float(cosine) for article, cosine in zip(held.ids[at], found, strict=True)}

    def _read(self, session: Session, stamp: tuple[object, ...]) -> None:
        if stamp == self._held.stamp:
            return
        all_of_them = select(ArticleVector.article_id, ArticleVector.vector).order_by(ArticleVector.article_id)
        found = session.execute(all_of_them).all()
        if not found:
            self._held = NOTHING
            return
        full = np.frombuffer(b"".join(row.vector for row in found), np.float16).reshape(len(found), -1)
        self._held = replace(hold([row.article_id for row in found], full), stamp=stamp)


def hold(ids: Sequence[int], full: Halves) -> Held:
    """These vectors of articles, whose ids are in order."""
    directions = _directions(full[:: -(-len(full) // LEARNED_FROM)].astype(np.float32))
    parts = np.array_split(full, -(-len(full) // LEARNED_FROM))  # all of them at once would be twice their memory
    short = np.vstack([part.astype(np.float32) @ directions for part in parts])
    return Held(np.array(ids, np.int64), full, short, directions)


def _directions(some: Floats) -> Floats:
    """Those in which vectors differ most, a column each, by which the most of their products is kept."""
    _, found = np.linalg.eigh(some.T @ some)
    return np.ascontiguousarray(found[:, -SHORT:], np.float32)


def _products(rows: Floats, vector: Floats) -> Floats:
    """Of each row with the vector. Not by BLAS, whose threads spin for a core they do not get."""
    return np.asarray(np.einsum("ij,j->i", rows, vector))


def _highest(values: Floats, count: int) -> NDArray[np.intp]:
    """Where they stand, in no order."""
    return np.argpartition(-values, min(count, len(values) - 1))[:count]


_shelves: "WeakKeyDictionary[Engine, Shelf]" = WeakKeyDictionary()


def shelf(session: Session) -> Shelf:
    """The vectors of the session's database, as they are now."""
    return _kept(session).look(session)


def known(session: Session) -> bool:
    """Whether there are any. Where there were, nobody looks again: that takes milliseconds, and can wait."""
    return _kept(session).known or shelf(session).known


def _kept(session: Session) -> Shelf:
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    return _shelves.setdefault(engine, Shelf())


def packed(vector: Floats) -> bytes:
    """A vector as a row keeps it: 16 bits a number are as good."""
    return vector.astype(np.float16).tobytes()
