"""Rows that share the most telling words with a text: not all of its words need be there.

Neither engine ranks what most rows hold in a short time: FTS5 walks every row of each word, PostgreSQL reads back every
row that it ranks. So only the rare words are looked for, and a row weighs what those that it holds tell. Of rows that
weigh the same the shortest come first, which are about little else, then the newest.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    bindparam,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from bot.language import Term, terms
from bot.searching.asking import SIMPLE, fts5, tsquery

MOST_ASKED = 24  # tokens of a text by which rows are compared with it
COMMON = 1000  # rows that are counted of a token, and compared
Asked = ColumnElement[str] | str


def alike(session: Session, kind: type[Any], text: str, limit: int, *among: ColumnElement[bool]) -> Sequence[int]:
    """The ids of such rows, of those that meet the conditions, best first."""
    postgresql = session.get_bind().dialect.name == "postgresql"
    tokens = dict.fromkeys(Term((token,), term.open) for term in terms(text) for token in term.tokens)
    asked = [(tsquery if postgresql else fts5)(token) for token in tokens][:MOST_ASKED]
    if not asked:
        return ()
    holding = _holding_postgresql if postgresql else _holding_sqlite
    rare = _rare(_counted_postgresql(session, kind, asked) if postgresql else _counted_sqlite(session, kind, asked))
    found = union_all(*(_telling(holding(kind, token), held) for token, held in rare.items())).subquery("found")
    fits = select(kind.id).join(found, found.c.id == kind.id).where(*among).group_by(kind.id)
    best = func.sum(found.c.told).desc(), func.length(kind.words), kind.id.desc()
    return session.scalars(fits.order_by(*best).limit(limit)).all()


def _rare(held: Mapping[str, int]) -> dict[str, int]:
    """The rarest tokens, as many as bring no more rows than are compared."""
    found: dict[str, int] = {}
    for token in sorted(held, key=lambda token: held[token]):
        if found and sum(found.values()) + held[token] > COMMON:
            break
        found[token] = held[token]
    return found


def _telling(rows: Select[int], held: int) -> Select[Any]:
    """These rows with what their token tells, which so many hold; where nobody counted on, the newest."""
    told = literal(round(math.log(1 + COMMON / (held or 1)), 3)).label("told")
    if held < COMMON:
        return rows.add_columns(told)
    newest = rows.order_by(rows.selected_columns.id.desc()).limit(COMMON).subquery("newest")
    return select(newest.c.id, told)


def _counted_postgresql(session: Session, kind: type[Any], asked: Sequence[str]) -> dict[str, int]:
    """How many rows hold each token, counted so far. One statement of one form, whatever is asked: else to make it
    takes longer than the engine's answer."""
    tokens = func.unnest(bindparam("asked", asked, ARRAY(Text))).table_valued("value", name="asked").render_derived()
    rows = _holding_postgresql(kind, tokens.c.value).limit(COMMON).correlate(tokens)
    return _counts(session, tokens, rows)


def _counted_sqlite(session: Session, kind: type[Any], asked: Sequence[str]) -> dict[str, int]:
    tokens = func.json_each(json.dumps(asked)).table_valued("value", name="asked")
    rows = _holding_sqlite(kind, tokens.c.value).limit(COMMON).correlate(tokens)
    return _counts(session, tokens, rows)


def _counts(session: Session, tokens: Any, rows: Select[int]) -> dict[str, int]:
    count = select(func.count()).select_from(rows.subquery("counted")).correlate(tokens).scalar_subquery()
    return {token: held for token, held in session.execute(select(tokens.c.value, count))}


def _holding_postgresql(kind: type[Any], asked: Asked) -> Select[int]:
    holds = func.to_tsvector(SIMPLE, kind.words).bool_op("@@")(func.to_tsquery(SIMPLE, asked))
    return select(kind.id.label("id")).where(holds)


def _holding_sqlite(kind: type[Any], asked: Asked) -> Select[int]:
    index = table(f"find_{kind.__tablename__}", column("rowid"))
    holds = literal_column(index.name).bool_op("MATCH")(asked)
    return select(index.c.rowid.label("id")).where(holds)
