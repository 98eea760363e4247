"""How each database is copied while it is in use, and loaded where there is none: SQLite's backup, pg_dump."""

import os
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import click
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import Connection, Engine, create_engine, inspect, text

from bot import db
from bot.settings import Settings

COUNTING = 600.0  # seconds that PostgreSQL may take to count the rows of a table


@dataclass(frozen=True)
class Snapshot:
    """What was in the database at the moment of the copy."""

    revision: str
    rows: dict[str, int]


class Copies(Protocol):
    """One kind of database."""

    name: str

    def dump(self, folder: Path) -> Snapshot:
        """Copy everything, as of one moment, into `folder`."""

    def is_empty(self) -> bool:
        """Whether nothing would be overwritten."""

    def load(self, folder: Path) -> None:
        """Fill the empty database from `folder`."""

    def rows(self) -> dict[str, int]:
        """How many rows each table has."""


def copies(settings: Settings) -> Copies:
    """The kind that DATABASE_URL names."""
    if settings.sqlalchemy_url.startswith("sqlite"):
        return SqliteCopies(db.connect(settings))
    return PostgresCopies(db.connect(settings))


def _snapshot(connection: Connection) -> Snapshot:
    if not inspect(connection).has_table("alembic_version"):
        raise click.ClickException("There is nothing to back up: the database has no tables of Frontline.")
    return Snapshot(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one(), _rows(connection))


def _rows(connection: Connection) -> dict[str, int]:
    tables = sorted(inspect(connection).get_table_names())
    return {name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in tables}


class SqliteCopies:
    """SQLite copies itself page by page, beside its writers."""

    name = "SQLite"
    file = "frontline.db"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._path = Path(str(engine.url.database))

    def dump(self, folder: Path) -> Snapshot:
        if not self._path.exists():
            raise click.ClickException(f"There is nothing to back up: {self._path} does not exist.")
        with closing(sqlite3.connect(self._path)) as source, closing(sqlite3.connect(folder / self.file)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        with create_engine(f"sqlite:///{folder / self.file}").connect() as connection:
            return _snapshot(connection)

    def is_empty(self) -> bool:
        return not self._path.exists()

    def load(self, folder: Path) -> None:
        shutil.copyfile(folder / self.file, self._path)

    def rows(self) -> dict[str, int]:
        with self._engine.connect() as connection:
            return _rows(connection)


class PostgresCopies:
    """PostgreSQL's own programs, under one snapshot with our count."""

    name = "PostgreSQL"
    file = "frontline.dump"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._address = {key: value for key, value in conninfo_to_dict(address).items() if value}

    def dump(self, folder: Path) -> Snapshot:
        options = {"isolation_level": "REPEATABLE READ", "patience": COUNTING}
        with self._engine.connect().execution_options(**options) as connection:
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))  # pg_dump takes its time
            moment = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            snapshot = _snapshot(connection)
            to = ("--format=custom", f"--file={folder / self.file}", f"--snapshot={moment}")
            self._run("pg_dump", *to, *self._plain())
        return snapshot

    def is_empty(self) -> bool:
        with self._engine.connect() as connection:
            return not inspect(connection).get_table_names()

    def load(self, folder: Path) -> None:
        self._run("pg_restore", "--exit-on-error", "--single-transaction", *self._plain(), str(folder / self.file))

    def rows(self) -> dict[str, int]:
        with self._engine.connect().execution_options(patience=COUNTING) as connection:
            return _rows(connection)

    def _plain(self) -> tuple[str, ...]:
        """Only our tables, whoever owns them; the address without its password."""
        named = make_conninfo("", **{key: value for key, value in self._address.items() if key != "password"})
        return "--no-owner", "--no-privileges", "--schema=public", f"--dbname={named}"

    def _run(self, program: str, *words: str) -> None:
        path = self._found(program)
        environment = os.environ | {"PGPASSWORD": str(self._address.get("password", ""))}
        done = subprocess.run([path, *words], env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or [""])[-1]
            raise click.ClickException(f"{program} failed: {last}")

    def _found(self, program: str) -> str:
        """The program, if it is there and not older than the server: an older one refuses, or writes what is lost."""
        path = shutil.which(program)
        if path is None:
            raise click.ClickException(f"{program} is not on the PATH: install PostgreSQL's client programs.")
        told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
        major = re.search(r"(\d+)", told)
        with self._engine.connect() as connection:
            server = int((connection.dialect.server_version_info or (0,))[0])
        if major is None or int(major[1]) < server:
            raise click.ClickException(f"{told.strip() or program} is older than the server: install version {server}.")
        return path
