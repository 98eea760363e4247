"""The database: engine, sessions, base class of the models, migrations. SQLite and PostgreSQL alike."""

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import JSON, DateTime, Dialect, Engine, MetaData, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from bot.settings import Settings

if TYPE_CHECKING:
    from alembic.config import Config

PATIENCE = 10.0  # how long a transaction waits for a lock, in seconds, unless it says otherwise
IDLE_LIMIT = 30  # whoever dies or freezes inside a transaction gives its locks back after this, in seconds
MIGRATIONS = Path(__file__).parent / "migrations"
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Sessions = sessionmaker[Session]


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
    return _postgresql(settings.sqlalchemy_url)


def _sqlite(settings: Settings) -> Engine:
    """WAL, and BEGIN IMMEDIATE, so that a writer waits instead of losing."""
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = create_engine(settings.sqlalchemy_url, json_serializer=_dumps, hide_parameters=True)
    event.listen(engine, "connect", _sqlite_pragmas)
    event.listen(engine, "begin", _sqlite_begin)
    return engine


def _postgresql(url: str) -> Engine:
    engine = create_engine(
        url,
        json_serializer=_dumps,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=20,
        connect_args={"connect_timeout": 5},
    )
    event.listen(engine, "connect", _postgresql_limits)
    event.listen(engine, "begin", _postgresql_begin)
    return engine


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _sqlite_pragmas(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy's "begin" event below decides how a transaction starts
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_begin(connection: Any) -> None:
    """Writers take the lock at once; a transaction marked `reading` does not."""
    options = connection.get_execution_options()
    sqlite = connection.connection.driver_connection
    sqlite.execute(f"PRAGMA busy_timeout={_millis(options.get('patience', PATIENCE))}")
    connection.exec_driver_sql("BEGIN" if options.get("reading") else "BEGIN IMMEDIATE")


def _postgresql_limits(connection: Any, _: Any) -> None:
    connection.autocommit = True  # a setting made in a transaction would be undone with it
    connection.execute(f"SET lock_timeout = {_millis(PATIENCE)}")
    connection.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_LIMIT}s'")
    connection.autocommit = False


def _postgresql_begin(connection: Any) -> None:
    patience = connection.get_execution_options().get("patience", PATIENCE)
    if patience != PATIENCE:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_millis(patience)}")


def _millis(seconds: float) -> int:
    """At least one: to PostgreSQL, 0 means to wait for ever."""
    return max(1, int(seconds * 1000))


def sessions(engine: Engine) -> Sessions:
    """The session factory. Objects stay readable after commit, since work after commit needs their ids."""
    return sessionmaker(engine, expire_on_commit=False)


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
