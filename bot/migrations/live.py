"""Changes to tables of a shop at work: nobody waits for them for longer than a moment, and nobody dies of them.

On PostgreSQL each is a transaction of its own. One that held a table's lock while it waited for the next would
deadlock with turns, and whoever waits long for such a lock makes everybody wait behind it: so it waits briefly and
comes again. What was done before a revision broke off is found done by the next `prepare`.
On SQLite a migration is one transaction, and whoever writes meanwhile waits for it.
"""

import contextlib
import random
import time
from collections.abc import Callable, Iterator
from functools import partial

import sqlalchemy as sa
import structlog
from alembic import op
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.schema import SchemaItem

from bot.transactions import fault, passes

BRIEFLY = "100ms"  # turns wait behind us for that long
TRIES, PAUSE = 200, 0.5

TSVECTOR = "CREATE INDEX CONCURRENTLY {name} ON {table} USING gin (to_tsvector('simple'::regconfig, words))"
FORGET = (
    "INSERT INTO find_{table} (find_{table}, rowid, words)"
    " SELECT 'delete', old.id, old.words WHERE old.words IS NOT NULL;"
)
LEARN = "INSERT INTO find_{table} (rowid, words) SELECT new.id, new.words WHERE new.words IS NOT NULL;"
FTS5 = (
    "CREATE VIRTUAL TABLE find_{table} USING fts5(words, content='{table}', content_rowid='id')",
    "CREATE TRIGGER find_{table}_insert AFTER INSERT ON {table} BEGIN " + LEARN + " END",
    "CREATE TRIGGER find_{table}_delete AFTER DELETE ON {table} BEGIN " + FORGET + " END",
    "CREATE TRIGGER find_{table}_update AFTER UPDATE OF words ON {table} WHEN old.words IS NOT new.words BEGIN "
    + FORGET
    + " "
    + LEARN
    + " END",
)

log = structlog.get_logger()


def add_columns(table: str, *columns: sa.Column[object]) -> None:
    """New columns: nullable, or with a server default."""
    for column in columns:
        if _at_work():
            _try(partial(op.add_column, table, column, if_not_exists=True))
        else:
            op.add_column(table, column)


def create_table(name: str, *parts: SchemaItem) -> None:
    """A new table, without indexes: each of them is a change of its own."""
    if _at_work():  # its foreign keys lock the tables that they lead to
        _try(partial(op.create_table, name, *parts, if_not_exists=True))
    else:
        op.create_table(name, *parts)


def add_index(name: str, table: str, columns: list[str], where: str | None = None) -> None:
    """An index that refuses nothing, of all rows or of some, built beside the writers."""
    condition = sa.text(where) if where else None
    if _at_work():
        drop_index(name, table)  # an earlier try may have left half of it
        _beside_writers(
            lambda: op.create_index(name, table, columns, postgresql_where=condition, postgresql_concurrently=True)
        )
    else:
        op.create_index(name, table, columns, sqlite_where=condition)


def add_unique(name: str, table: str, column: str) -> None:
    """What a nullable column has, no two rows have; where they do, nobody knows whose it is, and both lose it.

    Only for what old code does not write twice either, unless two do it in the same moment.
    """
    if _at_work():
        drop_index(name, table)  # an earlier try may have left half of it
        with _each_for_itself(BRIEFLY):
            _part_doubles(table, column)
        _beside_writers(lambda: op.create_index(name, table, [column], unique=True, postgresql_concurrently=True))
    else:
        _part_doubles(table, column)
        op.create_index(name, table, [column], unique=True)


def _part_doubles(table: str, column: str) -> None:
    rows = sa.table(table, sa.column("id"), sa.column(column))
    doubled = sa.select(rows.c[column]).group_by(rows.c[column]).having(sa.func.count() > 1)
    taken = sa.update(rows).where(rows.c[column].in_(doubled)).values({column: None}).returning(rows.c.id)
    if ids := op.get_bind().scalars(taken).all():
        log.warning("schema.doubles_parted", table=table, column=column, ids=sorted(ids))


def add_search(table: str) -> None:
    """Rows of `table` are found by what stands in their column `words`, from the transaction that writes it there.

    PostgreSQL keeps an index over the column, SQLite a table of its own beside it, by triggers. A row that has no
    words yet is looked up by an index of such rows, and is given them by and by (`bot.searching.catch_up`).
    """
    add_columns(table, sa.Column("words", sa.Text(), nullable=True))
    _index_of_wordless(table)
    if _at_work():
        name = f"ix_find_{table}"
        drop_index(name, table)
        _beside_writers(lambda: op.execute(TSVECTOR.format(name=name, table=table)))
    else:
        for statement in FTS5:
            op.execute(statement.format(table=table))


def index_at_once(table: str) -> None:
    """For rows that are searched more often than written: their words go into PostgreSQL's index itself. Else they go
    to a list of up to 4 MB beside it, until somebody cleans up, and every search reads all of that.
    """
    if _at_work():
        _try(partial(op.execute, f"ALTER INDEX ix_find_{table} SET (fastupdate = off)"))
        _try(partial(op.execute, f"SELECT gin_clean_pending_list('ix_find_{table}')"))


def index_by_and_by(table: str) -> None:
    """As PostgreSQL does if nobody says anything."""
    if _at_work():
        _try(partial(op.execute, f"ALTER INDEX ix_find_{table} RESET (fastupdate)"))


def _index_of_wordless(table: str) -> None:
    name, condition = f"ix_find_{table}_wordless", sa.text("words IS NULL")
    if _at_work():
        drop_index(name, table)
        _beside_writers(
            lambda: op.create_index(name, table, ["id"], postgresql_where=condition, postgresql_concurrently=True)
        )
    else:
        op.create_index(name, table, ["id"], sqlite_where=condition)


def loosen_unique(old: str, new: str, table: str, columns: list[str], where: str) -> None:
    """A unique index gives way to one that refuses less: no row of old code is refused that was not before."""
    condition = sa.text(where)
    if _at_work():
        drop_index(new, table)  # an earlier try may have left half of it
        _beside_writers(
            lambda: op.create_index(
                new, table, columns, unique=True, postgresql_where=condition, postgresql_concurrently=True
            )
        )
    else:
        op.create_index(new, table, columns, unique=True, sqlite_where=condition)
    drop_index(old, table)


def drop_index(name: str, table: str) -> None:
    """An index that only made reading fast."""
    if _at_work():
        _beside_writers(lambda: op.drop_index(name, table, if_exists=True, postgresql_concurrently=True))
    else:
        op.drop_index(name, table)


def _at_work() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _try(change: Callable[[], object]) -> None:
    """Until nobody is in the way for a moment."""
    with _each_for_itself(BRIEFLY):
        for tries in range(1, TRIES):
            try:
                change()
                return
            except DBAPIError as error:
                if not passes(error):
                    raise
                log.info("schema.tried_again", error=fault(error), tries=tries)
                time.sleep(PAUSE * random.random())
        change()


def _beside_writers(change: Callable[[], None]) -> None:
    """It waits for those who are at work, and they do not wait for it."""
    with _each_for_itself("0"):
        change()


@contextlib.contextmanager
def _each_for_itself(lock_timeout: str) -> Iterator[None]:
    """Each statement is a transaction, which may take its time once it has its lock."""
    with op.get_context().autocommit_block():
        op.execute(f"SET lock_timeout = '{lock_timeout}'")
        op.execute("SET statement_timeout = 0")
        yield
