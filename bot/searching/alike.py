"""Rows that share the most telling words with a text: not all of its words need be there."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, column, func, literal_column, select, table
from sqlalchemy.orm import Session

from bot.language import Term, terms
from bot.searching.asking import SIMPLE, fts5, tsquery

MOST_ASKED = 24  # tokens of a text by which rows are compared with it
COMMON = 1000  # rows that are counted of a token, and compared


def alike(session: Session, kind: type[Any], text: str, limit: int, *among: ColumnElement[bool]) -> Sequence[int]:
    """The ids of such rows, of those that meet the conditions, best first.

    Neither engine can rank what most rows hold in a short time: only rows that hold rare tokens are compared.
    """
    asked = list(dict.fromkeys(Term((token,), term.open) for term in terms(text) for token in term.tokens))[:MOST_ASKED]
    if not asked:
        return ()
    engine = _PostgreSQL(kind) if session.get_bind().dialect.name == "postgresql" else _SQLite(kind)
    holding = (engine.holding(token).limit(COMMON).subquery() for token in asked)
    counts = (select(func.count()).select_from(some).scalar_subquery() for some in holding)
    rare = _rare(dict(zip(asked, session.execute(select(*counts)).one(), strict=True)))
    return session.scalars(engine.ranked(rare, asked, among).limit(limit)).all()


def _rare(held: Mapping[Term, int]) -> list[Term]:
    """The rarest tokens, as many as bring no more rows than are compared."""
    found: list[Term] = []
    rows = 0
    for token in sorted(held, key=lambda token: held[token]):
        if rows and rows + held[token] > COMMON:
            break
        found.append(token)
        rows += held[token]
    return found


class _PostgreSQL:
    """Its ranking knows no rare words, and reads back every row that it ranks: only so many are."""

    def __init__(self, kind: type[Any]) -> None:
        self._kind, self._vector = kind, func.to_tsvector(SIMPLE, kind.words)

    def holding(self, *tokens: Term) -> Select[int]:
        """The rows that hold any of these tokens."""
        return select(self._kind.id).where(self._vector.bool_op("@@")(_either(tokens)))

    def ranked(self, rare: Sequence[Term], asked: Sequence[Term], among: Sequence[ColumnElement[bool]]) -> Select[int]:
        """The rows that hold any of the rare tokens, those first that hold most of all."""
        some = self.holding(*rare).add_columns(self._vector.label("vector")).where(*among).limit(COMMON).subquery()
        return select(some.c.id).order_by(func.ts_rank(some.c.vector, _either(asked)).desc(), some.c.id)


class _SQLite:
    """FTS5 weighs rare words, and for that walks all rows of each word that it is asked for."""

    def __init__(self, kind: type[Any]) -> None:
        self._kind, self._index = kind, table(f"find_{kind.__tablename__}", column("rowid"), column("rank"))

    def holding(self, *tokens: Term) -> Select[int]:
        """The rows that hold any of these tokens."""
        either = literal_column(self._index.name).bool_op("MATCH")(" OR ".join(map(fts5, tokens)))
        return select(self._index.c.rowid).where(either)

    def ranked(self, rare: Sequence[Term], _asked: Sequence[Term], among: Sequence[ColumnElement[bool]]) -> Select[int]:
        """The rows that hold any of the rare tokens; the index gives them best first."""
        found = self.holding(*rare).order_by(self._index.c.rank)
        return found.join(self._kind, self._kind.id == self._index.c.rowid).where(*among) if among else found


def _either(tokens: Sequence[Term]) -> ColumnElement[Any]:
    return func.to_tsquery(SIMPLE, " | ".join(map(tsquery, tokens)))
