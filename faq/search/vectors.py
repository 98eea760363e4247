"""The articles' vectors, kept in memory by each process that searches, and read again when one of them changed."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from bot.nlu.embedding import Floats
from faq.models import ArticleVector

CHECK_SECONDS = 1.0
PATIENCE = 20  # times what reading them took: while thousands are being learned, they are not read each second


@dataclass(frozen=True)
class Held:
    """Ids of articles and, a row each, their vectors; `stamp` tells whether there are others by now."""

    ids: NDArray[np.int64]
    rows: Floats
    stamp: tuple[object, ...] = ()


NOTHING = Held(np.zeros(0, np.int64), np.zeros((0, 0), np.float32))


class Shelf:
    """The vectors of one database."""

    def __init__(self) -> None:
        self._held = NOTHING
        self._look_at = float("-inf")

    @property
    def known(self) -> bool:
        return len(self._held.ids) > 0

    def look(self, session: Session) -> "Shelf":
        """Read them, if it is time and some have changed."""
        began = time.monotonic()
        if began >= self._look_at:
            self._look_at = began + CHECK_SECONDS
            stamp = session.execute(select(func.count(), func.max(ArticleVector.made_at)).select_from(ArticleVector))
            self._read(session, stamp.one())
            self._look_at = time.monotonic() + max(CHECK_SECONDS, PATIENCE * (time.monotonic() - began))
        return self

    def nearest(self, heard: Floats, count: int) -> list[tuple[int, float]]:
        """The articles that mean most alike, with the cosine."""
        cosines = self._held.rows @ heard
        best = np.argpartition(-cosines, min(count, len(cosines) - 1))[:count]
        best = best[np.argsort(-cosines[best], kind="stable")]
        return [(int(self._held.ids[at]), float(cosines[at])) for at in best]

    def cosines(self, heard: Floats, ids: Sequence[int]) -> dict[int, float]:
        """How alike these articles are to what was heard; those that nobody has learned are left out."""
        at = np.flatnonzero(np.isin(self._held.ids, np.array(ids, np.int64)))
        found = self._held.rows[at] @ heard
        return {int(article): float(cosine) for article, cosine in zip(self._held.ids[at], found, strict=True)}

    def _read(self, session: Session, stamp: tuple[object, ...]) -> None:
        if stamp == self._held.stamp:
            return
        found = session.execute(select(ArticleVector.article_id, ArticleVector.vector)).all()
        if not found:
            self._held = NOTHING
            return
        rows = np.frombuffer(b"".join(row.vector for row in found), np.float16).reshape(len(found), -1)
        self._held = Held(np.array([row.article_id for row in found]), rows.astype(np.float32), stamp)


_shelves: "WeakKeyDictionary[Engine, Shelf]" = WeakKeyDictionary()


def shelf(session: Session) -> Shelf:
    """The vectors of the session's database, as they are now."""
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    return _shelves.setdefault(engine, Shelf()).look(session)


def packed(vector: Floats) -> bytes:
    """A vector as a row keeps it: 16 bits a number are as good."""
    return vector.astype(np.float16).tobytes()
