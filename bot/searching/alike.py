"""Rows that share the most telling words with a text: not all of its words need be there.

Neither engine ranks what most rows hold in a short time: FTS5 walks every row of each word, PostgreSQL reads back every
row that it ranks. So only the rare words are looked for, and a row weighs what those that it holds tell. Of rows that
weigh the same the shortest come first, which are about little else, then the newest.

The words are given as one value, so that a statement is the same for any number of them: what SQLAlchemy makes of one
that it has not met takes longer than the answer.
"""

import json
import math
import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Engine, Integer, Select, Subquery, TextClause, column, func, select, text
from sqlalchemy.orm import Session

from bot.language import Term, terms
from bot.searching.asking import fts5, tsquery

MOST_ASKED = 24  # tokens of a text by which rows are compared with it
COMMON = 500  # rows that are counted of a token, and compared
COMMON_FOR = 60.0  # seconds: what so many rows held is not counted again before
COUNTED = {
    "sqlite": """SELECT asked.key, (SELECT count(*) FROM (
        SELECT 1 FROM find_{table} WHERE find_{table} MATCH asked.key LIMIT :most)) FROM json_each(:asked) AS asked""",
    "postgresql": """SELECT asked.key, (SELECT count(*) FROM (
        SELECT 1 FROM {table} WHERE to_tsvector('simple', words) @@ to_tsquery('simple', asked.key) LIMIT :most) AS few)
        FROM json_each_text(CAST(:asked AS json)) AS asked""",
}
"""How many rows hold each token."""
TOLD = {
    "sqlite": """SELECT find_{table}.rowid AS id, asked.value AS told
        FROM json_each(:asked) AS asked JOIN find_{table} ON find_{table} MATCH asked.key""",
    "postgresql": """SELECT id, CAST(asked.value AS int) AS told
        FROM json_each_text(CAST(:asked AS json)) AS asked
        JOIN {table} ON to_tsvector('simple', words) @@ to_tsquery('simple', asked.key)""",
}
"""The rows that hold one, with what it tells."""
NEWEST = {
    "sqlite": """SELECT rowid AS id, 1 AS told
        FROM find_{table} WHERE find_{table} MATCH :only ORDER BY rowid DESC LIMIT :most""",
    "postgresql": """SELECT id, 1 AS told FROM {table}
        WHERE to_tsvector('simple', words) @@ to_tsquery('simple', :only) ORDER BY id + 0 DESC LIMIT :most""",
}
"""The newest rows that hold the only one, where nobody counted on. `+ 0`, or PostgreSQL reads from the newest on and
splits the words of each row again, 25 µs each; its index names 15,000 rows in 9 ms."""
WRITTEN = {"sqlite": fts5, "postgresql": tsquery}


_common: "WeakKeyDictionary[Engine, dict[tuple[str, str], float]]" = WeakKeyDictionary()
"""Until when tokens of a table are taken for common: to count those takes the most time, and a question has many."""


def alike(session: Session, kind: type[Any], said: str, limit: int, *among: ColumnElement[bool]) -> dict[int, str]:
    """The words of such rows by their ids, of those that meet the conditions, best first."""
    engine, table = session.get_bind().dialect.name, kind.__tablename__
    tokens = (Term((token,), term.open) for term in terms(said) for token in term.tokens)
    asked = list(dict.fromkeys(map(WRITTEN[engine], tokens)))[:MOST_ASKED]
    rare = _rare(_held(session, table, asked))
    if not rare:
        return {}
    found = _newest(engine, table) if sum(rare.values()) >= COMMON and len(rare) == 1 else _told(engine, table)
    telling = {token: _tells(held) for token, held in rare.items()}
    best = _best(kind, found, among).limit(limit)
    rows = session.execute(best, {"asked": _json(telling), "only": next(iter(rare)), "most": COMMON})
    return {row: words for row, words in rows}


def _best(kind: type[Any], found: Subquery, among: Sequence[ColumnElement[bool]]) -> Select[int, str]:
    fits = select(kind.id, kind.words).join(found, found.c.id == kind.id).where(*among).group_by(kind.id)
    return fits.order_by(func.sum(found.c.told).desc(), func.length(kind.words), kind.id.desc())


def _held(session: Session, table: str, asked: Sequence[str]) -> dict[str, int]:
    """How many rows hold each of these tokens, in their order; those that none holds are left out."""
    engine, at = session.get_bind(), time.monotonic()
    assert isinstance(engine, Engine)
    common = _common.setdefault(engine, {})
    held = {token: COMMON for token in asked if common.get((table, token), 0.0) > at}
    if new := dict.fromkeys((token for token in asked if token not in held), 0):
        counted = session.execute(_counted(engine.dialect.name, table), {"asked": _json(new), "most": COMMON})
        held |= {token: rows for token, rows in counted if rows}
        common.update({(table, token): at + COMMON_FOR for token in new if held.get(token) == COMMON})
    return {token: held[token] for token in asked if token in held}


def _rare(held: Mapping[str, int]) -> dict[str, int]:
    """The rarest tokens, as many as bring no more rows than are compared."""
    found: dict[str, int] = {}
    for token in sorted(held, key=lambda token: held[token]):
        if found and sum(found.values()) + held[token] > COMMON:
            break
        found[token] = held[token]
    return found


def _tells(held: int) -> int:
    """What a token tells that so many rows hold; whole numbers, whose sums are the same in any order."""
    return round(1000 * math.log(1 + COMMON / held))


def _json(weights: Mapping[str, int]) -> str:
    return json.dumps(weights, ensure_ascii=False)


@cache
def _counted(engine: str, table: str) -> TextClause:
    return text(COUNTED[engine].format(table=table))


@cache
def _told(engine: str, table: str) -> Subquery:
    return _rows(TOLD[engine].format(table=table))


@cache
def _newest(engine: str, table: str) -> Subquery:
    return _rows(NEWEST[engine].format(table=table))


def _rows(statement: str) -> Subquery:
    return text(statement).columns(column("id", Integer), column("told", Integer)).subquery()
