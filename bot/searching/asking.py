"""Asking for rows that hold all words of a question, and for a page of them in a time that ends."""

import time
from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Select, column, false, func, literal_column, select, table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.language import Term, terms

SIMPLE: ColumnElement[Any] = literal_column("'simple'::regconfig")
SECONDS = 2.0  # PostgreSQL's, for all of what fits: a word that most rows have, and no new one, takes it a minute
LEAST = 0.1  # of that: less is not worth a transaction
AT_HAND = 2_000  # rows, the newest, that are read one by one before all are asked for
RECENT = 50_000  # rows, the newest, that are read one by one where that was not enough
CANCELLED = "57014"

log = structlog.get_logger()


def matches(session: Session, kind: type[Any], query: str) -> ColumnElement[bool]:
    """Whether a row of this kind holds all that is asked for; of a question without a word, none does."""
    wanted = terms(query)
    if not wanted:
        return false()
    if session.get_bind().dialect.name == "postgresql":
        vector = func.to_tsvector(SIMPLE, kind.words)
        return vector.bool_op("@@")(func.to_tsquery(SIMPLE, " & ".join(map(tsquery, wanted))))
    index = table(f"find_{kind.__tablename__}", column("rowid"))
    asked = literal_column(index.name).bool_op("MATCH")(" AND ".join(map(fts5, wanted)))
    found: ColumnElement[bool] = kind.id.in_(select(index.c.rowid).where(asked))
    return found


def deadline() -> float:
    """When the time is over for all of what somebody asks now, by the clock that never goes back."""
    return time.monotonic() + SECONDS


def within_reach(
    session: Session,
    ways: Sequence[Select[Any]],
    key: InstrumentedAttribute[int],
    below: int | None,
    size: int,
    ends: float | None = None,
) -> tuple[ColumnElement[bool], bool]:
    """Which rows are the newest that any of these ways finds, so many below an id; and whether all were looked at.

    Each way is asked alone: where one condition is this or that, PostgreSQL takes no index and reads every row. They
    share the time until the deadline `ends`, which a page of several such questions gives to each of them.
    """
    ends = deadline() if ends is None else ends
    looked = [_newest(session, way, key, below, size, ends) for way in ways]
    found = {known for ids, _ in looked for known in ids}
    return key.in_(sorted(found)[-size:]), all(whole for _, whole in looked)


def _newest(
    session: Session, way: Select[Any], key: InstrumentedAttribute[int], below: int | None, size: int, ends: float
) -> tuple[Sequence[int], bool]:
    """SQLite's index knows rows by id. PostgreSQL's does not: it reads back row by row, or sorts all that fit. So what
    is at hand is read first, which is enough for common words; then all; and where that takes too long, what is new
    is read instead, for as long again: so nobody waits and the server works for nobody in vain.
    """
    newest = way.with_only_columns(key).order_by(key.desc()).limit(size)
    newest = newest if below is None else newest.where(key < below)
    if session.get_bind().dialect.name != "postgresql":
        return session.scalars(newest).all(), True
    last = below if below is not None else session.scalar(select(func.max(key))) or 0
    few = _in_time(session, newest.where(key > last - AT_HAND), ends + SECONDS) or ()
    if len(few) == size:
        return few, True
    if (ids := _in_time(session, newest, ends)) is not None:
        return ids, True
    return _in_time(session, newest.where(key > last - RECENT), ends + SECONDS) or (), False


def _in_time(session: Session, wanted: Select[Any], ends: float) -> Sequence[int] | None:
    """The ids, found in a transaction of their own, which the server ends when its time is over."""
    if (left := ends - time.monotonic()) < LEAST:
        return None
    with Session(session.get_bind()) as own:
        own.connection(execution_options={"patience": left})
        try:
            return own.scalars(wanted).all()
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != CANCELLED:
                raise
            log.warning("search.took_too_long")
            return None


def tsquery(term: Term) -> str:
    """The tokens in a row, as PostgreSQL is asked for them."""
    return f"({' <-> '.join(term.tokens)}{':*' if term.open else ''})"


def fts5(term: Term) -> str:
    """The tokens in a row, as FTS5 is asked for them."""
    return f'"{" ".join(term.tokens)}"{"*" if term.open else ""}'
