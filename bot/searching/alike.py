"""Rows that share the most telling words with a text: not all of its words need be there.

Neither engine ranks what most rows hold in a short time: FTS5 walks every row of each word, PostgreSQL reads back every
row that it ranks. So only the rare words are looked for, and a row weighs what those that it holds tell. Of rows that
weigh the same the shortest come first, which are about little else, then the newest.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, column, func, literal, literal_column, select, table, union_all
from sqlalchemy.orm import Session

from bot.language import Term, terms
from bot.searching.asking import SIMPLE, fts5, tsquery

MOST_ASKED = 24  # tokens of a text by which rows are compared with it
COMMON = 1000  # rows that are counted of a token, and compared


def alike(session: Session, kind: type[Any], text: str, limit: int, *among: ColumnElement[bool]) -> Sequence[int]:
    """The ids of such rows, of those that meet the conditions, best first."""
    asked = list(dict.fromkeys(Term((token,), term.open) for term in terms(text) for token in term.tokens))[:MOST_ASKED]
    if not asked:
        return ()
    holding = _holding_postgresql if session.get_bind().dialect.name == "postgresql" else _holding_sqlite
    counted = (holding(kind, token).limit(COMMON).subquery() for token in asked)
    counts = (select(func.count()).select_from(rows).scalar_subquery() for rows in counted)
    rare = _rare(dict(zip(asked, session.execute(select(*counts)).one(), strict=True)))
    found = union_all(*(_telling(holding(kind, token), held) for token, held in rare.items())).subquery()
    fits = select(kind.id).join(found, found.c.id == kind.id).where(*among).group_by(kind.id)
    best = func.sum(found.c.told).desc(), func.length(kind.words), kind.id.desc()
    return session.scalars(fits.order_by(*best).limit(limit)).all()


def _rare(held: Mapping[Term, int]) -> dict[Term, int]:
    """The rarest tokens, as many as bring no more rows than are compared."""
    found: dict[Term, int] = {}
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
    newest = rows.order_by(rows.selected_columns.id.desc()).limit(COMMON).subquery()
    return select(newest.c.id, told)


def _holding_postgresql(kind: type[Any], token: Term) -> Select[int]:
    holds = func.to_tsvector(SIMPLE, kind.words).bool_op("@@")(func.to_tsquery(SIMPLE, tsquery(token)))
    return select(kind.id.label("id")).where(holds)


def _holding_sqlite(kind: type[Any], token: Term) -> Select[int]:
    index = table(f"find_{kind.__tablename__}", column("rowid"))
    holds = literal_column(index.name).bool_op("MATCH")(fts5(token))
    return select(index.c.rowid.label("id")).where(holds)
