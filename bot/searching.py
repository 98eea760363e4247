"""Rows that are found by what they say: their words are written with them, and asked for by each engine's own index.

A row's column `words` follows what it says wherever it is flushed, so there is one place for that, whoever writes the
row. `live.add_search` makes the indexes over it. What has no words yet (rows of before, or of old code beside ours
during an upgrade) gets them a batch at a time.
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    column,
    event,
    false,
    func,
    inspect,
    literal_column,
    select,
    table,
)
from sqlalchemy.orm import Mapped, Mapper, Session, mapped_column

from bot.db import Base
from bot.language import Term, terms, words

SIMPLE: ColumnElement[Any] = literal_column("'simple'::regconfig")


class Searched:
    """A row that is found by its columns `SAYS`; `words` is None until somebody has read them."""

    SAYS: ClassVar[tuple[str, ...]]

    words: Mapped[str | None] = mapped_column(Text, deferred=True)

    def read(self) -> None:
        """Put down what it says now."""
        said = (part for name in self.SAYS for part in _texts(getattr(self, name)))
        self.words = words("\n".join(said))


def matches(session: Session, kind: type[Any], query: str) -> ColumnElement[bool]:
    """Whether a row of this kind holds all that is asked for; of a question without a word, none does."""
    wanted = terms(query)
    if not wanted:
        return false()
    if session.get_bind().dialect.name == "postgresql":
        vector = func.to_tsvector(SIMPLE, kind.words)
        return vector.bool_op("@@")(func.to_tsquery(SIMPLE, " & ".join(map(_tsquery, wanted))))
    index = table(f"find_{kind.__tablename__}", column("rowid"))
    asked = literal_column(index.name).bool_op("MATCH")(" AND ".join(map(_fts5, wanted)))
    found: ColumnElement[bool] = kind.id.in_(select(index.c.rowid).where(asked))
    return found


def catch_up(session: Session, limit: int) -> None:
    """Read up to `limit` rows of each kind that nobody has read yet, the newest first.

    Who writes such a row at this moment is not waited for: he reads it himself, or it is our turn later.
    """
    for kind in kinds():
        unread = select(kind).where(kind.words.is_(None)).order_by(kind.id.desc()).limit(limit)
        for row in session.scalars(unread.with_for_update(skip_locked=True, of=kind)):
            row.read()


def behind(session: Session) -> bool:
    """Whether there is a row that nobody has read yet; one look at an index of such rows."""
    return any(session.scalar(select(kind.id).where(kind.words.is_(None)).limit(1)) for kind in kinds())


def kinds() -> list[type[Any]]:
    """Everything that is searched."""
    return [mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, Searched)]


def _tsquery(term: Term) -> str:
    return f"({' <-> '.join(term.tokens)}{':*' if term.open else ''})"


def _fts5(term: Term) -> str:
    return f'"{" ".join(term.tokens)}"{"*" if term.open else ""}'


def _texts(value: Any) -> Iterator[str]:
    """The texts within a column, which may be a list or a mapping of such."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)
    elif value is not None:
        yield str(value)


@event.listens_for(Searched, "before_insert", propagate=True)
def _of_new(_: Mapper[Any], __: Connection, row: Searched) -> None:
    row.read()


@event.listens_for(Searched, "before_update", propagate=True)
def _of_changed(_: Mapper[Any], __: Connection, row: Searched) -> None:
    """What does not change what a row says leaves its words alone."""
    changes = inspect(row).attrs
    if any(changes[name].history.has_changes() for name in row.SAYS):
        row.read()
