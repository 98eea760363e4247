"""The database: engine, sessions, base class of the models, migrations. SQLite here, PostgreSQL alike."""

import contextlib
import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import JSON, DateTime, Dialect, Engine, MetaData, create_engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from bot import disk
from bot.deadlines import PATIENCE
from bot.settings import Settings

if TYPE_CHECKING:
    from alembic.config import Config

ALONE = 4_670_832  # any number that nobody else locks in this database
LOOK_AGAIN = 0.0005, 0.004  # seconds: soon at first, then more rarely, since each look costs as much as a statement
WAITING = f"busy_timeout={int(PATIENCE * 1000)}"
MIGRATIONS = Path(__file__).parent / "migrations"
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Sessions = sessionmaker[Session]

_in_front = threading.Lock()  # of this process's threads one looks for SQLite's lock, the others wait behind it


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes on both engines; SQLite stores none, so UTC is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a stored time must be aware")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all tables; datetimes are UTC, dictionaries and lists are JSON."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(),
        list[str]: JSON(),
    }


def connect(settings: Settings) -> Engine:
    """An engine for `settings`. No transaction waits for a lock for ever on either."""
    if settings.sqlalchemy_url.startswith("sqlite"):
        return _sqlite(settings)
    from bot import postgresql  # its driver takes a while to import, and a shop on SQLite needs none

    return postgresql.connect(settings.sqlalchemy_url, json_serializer=_dumps, hide_parameters=True)


def _sqlite(settings: Settings) -> Engine:
    """WAL, and BEGIN IMMEDIATE, so that a writer waits instead of losing."""
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = create_engine(settings.sqlalchemy_url, json_serializer=_dumps, hide_parameters=True)
    event.listen(engine, "connect", _sqlite_pragmas)
    event.listen(engine, "begin", _sqlite_begin)
    return engine


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _sqlite_pragmas(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy's "begin" event below decides how a transaction starts
    for pragma in (WAITING, "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("SELECT 1 FROM sqlite_master")  # the log is there from here on, and its name is kept
    disk.sync(Path(connection.execute("PRAGMA database_list").fetchone()[2]).parent)


def _sqlite_begin(connection: Any) -> None:
    """Writers take the lock at once; a transaction marked `reading` does not."""
    options = connection.get_execution_options()
    if options.get("reading"):
        connection.exec_driver_sql("BEGIN")
        return
    sqlite, patience = connection.connection.driver_connection, options.get("patience", PATIENCE)
    ends = time.monotonic() + patience
    first = _in_front.acquire(timeout=patience)
    try:
        sqlite.execute("PRAGMA busy_timeout=0")
        _wait_for_lock(sqlite, ends)
    finally:
        if first:
            _in_front.release()
        sqlite.execute(f"PRAGMA {WAITING}")


def _wait_for_lock(sqlite: sqlite3.Connection, ends: float) -> None:
    """Look for the lock again and again: SQLite's own wait sleeps for up to a tenth of a second at a time.

    Asked of the driver itself: through SQLAlchemy's layers each look would cost more than the wait.
    """
    pause, longest = LOOK_AGAIN
    while True:
        try:
            sqlite.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() >= ends:
                raise OperationalError("BEGIN IMMEDIATE", None, error) from error
        time.sleep(pause)
        pause = min(pause * 1.5, longest)


def sessions(engine: Engine) -> Sessions:
    """The session factory. Objects stay readable after commit, since work after commit needs their ids."""
    factory = sessionmaker(engine, expire_on_commit=False)
    if engine.dialect.name == "sqlite":
        disk.attend(factory, Path(str(engine.url.database)))
    return factory


@contextlib.contextmanager
def reading(factory: Sessions) -> Iterator[Session]:
    """A session that only reads: it takes no write lock on SQLite and is rolled back at the end."""
    with factory() as session:
        session.connection(execution_options={"reading": True})
        yield session  # closing rolls back, and leaves what was read readable


@contextlib.contextmanager
def patient(factory: Sessions, seconds: float) -> Iterator[Session]:
    """A session whose first transaction waits at most `seconds` for a lock."""
    with factory() as session:
        session.connection(execution_options={"patience": seconds})
        yield session


def alone(session: Session) -> None:
    """Wait until nobody else who calls this is in his transaction. On SQLite nobody is: it has one writer."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ALONE})


def migrate(settings: Settings) -> None:
    """Bring the schema to the newest revision; harmless where it is already there."""
    from alembic import command  # half a second to import, and only who prepares a folder needs it

    settings.data.mkdir(parents=True, exist_ok=True)
    command.upgrade(alembic_config(settings), "head")


def alembic_config(settings: Settings) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", settings.sqlalchemy_url.replace("%", "%%"))
    config.attributes["settings"] = settings
    return config
