"""Rows that share the most telling words with a text: not all of its words need be there."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, column, func, literal_column, select, table
from sqlalchemy.orm import Session

from bot.language import Term, terms
from bot.searching.asking import SIMPLE, fts5, tsquery

MOST_ASKED = 24  # tokens of a text by which rows are compared with it
COMMON = 1000  # rows that PostgreSQL counts of a token, and compares


def alike(session: Session, kind: type[Any], text: str, limit: int, *among: ColumnElement[bool]) -> Sequence[int]:
    """The ids of such rows, of those that meet the conditions, best first."""
    asked = list(dict.fromkeys(Term((token,), term.open) for term in terms(text) for token in term.tokens))[:MOST_ASKED]
    if not asked:
        return ()
    if session.get_bind().dialect.name == "postgresql":
        return _ranked(session, kind, asked, limit, among)
    index = table(f"find_{kind.__tablename__}", column("rowid"), column("rank"))
    either = literal_column(index.name).bool_op("MATCH")(" OR ".join(map(fts5, asked)))
    found = select(index.c.rowid).where(either).order_by(index.c.rank).limit(limit)
    if among:  # the index gives its rows best first, so only so many are looked at as are wanted
        found = found.join(kind, kind.id == index.c.rowid).where(*among)
    return session.scalars(found).all()


def _ranked(
    session: Session, kind: type[Any], asked: Sequence[Term], limit: int, among: Sequence[ColumnElement[bool]]
) -> Sequence[int]:
    """PostgreSQL's ranking knows no rare words, and reads every row that it ranks: only rows with rare ones are."""
    some = select(kind.id, _vector(kind).label("vector")).where(_holds(kind, _rare(_counted(session, kind, asked))))
    read = some.where(*among).limit(COMMON).subquery()
    rank = func.ts_rank(read.c.vector, func.to_tsquery(SIMPLE, " | ".join(map(tsquery, asked))))
    return session.scalars(select(read.c.id).order_by(rank.desc(), read.c.id).limit(limit)).all()


def _counted(session: Session, kind: type[Any], asked: Sequence[Term]) -> Mapping[Term, int]:
    """How many rows hold each token; no further than that is common."""
    holding = (select(kind.id).where(_holds(kind, [token])).limit(COMMON).subquery() for token in asked)
    counts = (select(func.count()).select_from(some).scalar_subquery() for some in holding)
    return dict(zip(asked, session.execute(select(*counts)).one(), strict=True))


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


def _holds(kind: type[Any], tokens: Sequence[Term]) -> ColumnElement[bool]:
    fits: ColumnElement[bool] = _vector(kind).bool_op("@@")(func.to_tsquery(SIMPLE, " | ".join(map(tsquery, tokens))))
    return fits


def _vector(kind: type[Any]) -> Any:
    return func.to_tsvector(SIMPLE, kind.words)
