"""An upgrade while the shop is open: old code on the new schema, two who prepare at once, a restart in mid-call."""

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import structlog
from alembic import command
from sqlalchemy import JSON, Column, Connection, Engine, MetaData, inspect, select, text
from sqlalchemy.exc import IntegrityError

import webhook_app
from bot import db, services
from bot.auth.accounts import DEMO_USERS, load_demo_users
from bot.models import Event, Release, User
from bot.services import Services
from bot.settings import Settings
from tests.builders import signed, text_event
from tests.house import procfile
from tests.house.processes import eventually
from tests.integration.databases import postgres  # noqa: F401
from tests.running import FRONTLINE, OUTSIDE, free_ports

FIRST = "0001_first"
NEWEST = "head"


def environment(settings: Settings) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OUTSIDE)}
    return kept | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "FRONTLINE_DATA": str(settings.data),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "LINE_CHANNEL_SECRET": settings.line_channel_secret,
        "LINE_CHANNEL_ACCESS_TOKEN": settings.line_channel_access_token,
        "SECRET_KEY": settings.secret_key,
        "HOST": "127.0.0.1",
    }


@pytest.fixture
def empty(tmp_path: Path, postgres: str | None) -> Settings:  # noqa: F811
    """A database without a table."""
    settings = Settings(frontline_data=tmp_path / "data", database_url=postgres or "")
    if postgres:
        with contextlib.closing(db.connect(settings).connect()) as connection, connection.begin():
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    return settings


def some_value(column: Column[Any], number: int) -> object:
    """What fits into a column, whatever it is for."""
    if isinstance(column.type, JSON):
        return {}
    samples = {int: number, str: f"x{number}", bool: False, bytes: b"", datetime: datetime.now(UTC)}
    return samples[column.type.python_type]


def fill(connection: Connection, tables: MetaData, number: int) -> None:
    """A row in each table, with the columns that these tables have."""
    for table in tables.sorted_tables:
        if table.name != "alembic_version":
            connection.execute(table.insert().values({c.name: some_value(c, number) for c in table.columns}))


def test_code_of_the_first_schema_writes_and_reads_on_the_newest(empty: Settings) -> None:
    empty.data.mkdir()
    command.upgrade(db.alembic_config(empty), FIRST)
    engine, old = db.connect(empty), MetaData()
    with engine.begin() as connection:
        old.reflect(connection)
        fill(connection, old, 1)
    command.upgrade(db.alembic_config(empty), NEWEST)
    with engine.begin() as connection:
        fill(connection, old, 2)
        counts = {table.name: len(connection.execute(select(table)).all()) for table in old.sorted_tables}
    assert counts.pop("alembic_version") == 1
    assert set(counts.values()) == {2}
    engine.dispose()


@pytest.fixture
def shop_of_the_first_schema(empty: Settings, postgres: str | None) -> Iterator[Engine]:  # noqa: F811
    """One customer, one conversation, one case."""
    if not postgres:
        pytest.skip("SQLite has one writer at a time: who migrates is one of them")
    empty.data.mkdir()
    command.upgrade(db.alembic_config(empty), FIRST)
    engine, old = db.connect(empty), MetaData()
    with engine.begin() as connection:
        old.reflect(connection)
        fill(connection, old, 1)
    yield engine
    engine.dispose()


def somebody_waits(engine: Engine) -> bool:
    with engine.connect() as connection:
        waiting = connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one()
    return bool(waiting)


TURN = (
    "UPDATE conversations SET lease_until = now()",
    "SELECT * FROM accounts",
    "UPDATE outbox SET attempts = 1",
    "UPDATE tickets SET level = 'L1'",
)


@pytest.mark.parametrize("first", range(len(TURN)))
def test_turns_go_on_while_the_schema_changes_and_neither_fails(
    empty: Settings, shop_of_the_first_schema: Engine, first: int
) -> None:
    """The new version's migration comes to a turn in its middle: it waits for the turn, or stands back."""
    with ThreadPoolExecutor(1) as other:
        with shop_of_the_first_schema.begin() as turn:
            turn.execute(text(TURN[first]))
            migration = other.submit(db.migrate, empty)
            eventually("it has come to the turn", lambda: somebody_waits(shop_of_the_first_schema), 30)
            for statement in TURN:
                turn.execute(text(statement))
        migration.result(60)
    command.check(db.alembic_config(empty))


def test_an_upgrade_that_broke_off_in_the_middle_is_done_to_its_end_by_the_next(
    empty: Settings, shop_of_the_first_schema: Engine
) -> None:
    with shop_of_the_first_schema.begin() as connection:
        connection.execute(text("ALTER TABLE accounts ADD COLUMN push_paused_until timestamptz"))
        connection.execute(text("CREATE INDEX ix_conversations_held ON conversations (owner)"))
    db.migrate(empty)
    command.check(db.alembic_config(empty))


def test_a_name_at_the_provider_that_two_have_is_nobodys_from_then_on(empty: Settings) -> None:
    """Nobody knows whose it is, and neither came in by it; the log says whom to give a name again."""
    empty.data.mkdir()
    command.upgrade(db.alembic_config(empty), "r0012")
    engine, old = db.connect(empty), MetaData()
    with engine.begin() as connection:
        old.reflect(connection)
        users = old.tables["users"]
        for number, name in enumerate(("lin@shop.example", "lin@shop.example", "wang@shop.example", None), 1):
            row = {c.name: some_value(c, number) for c in users.columns} | {"provider_name": name}
            connection.execute(users.insert().values(row))
    with structlog.testing.capture_logs() as logs:
        command.upgrade(db.alembic_config(empty), NEWEST)
    parted = [line for line in logs if line["event"] == "schema.doubles_parted"]
    assert [(line["log_level"], line["table"], line["ids"]) for line in parted] == [("warning", "users", [1, 2])]
    with engine.connect() as connection:
        kept = connection.execute(select(users.c.provider_name).order_by(users.c.id)).scalars().all()
    assert kept == [None, None, "wang@shop.example", None]
    with engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(users.update().where(users.c.id == 4).values(provider_name="wang@shop.example"))
    engine.dispose()


def test_three_who_migrate_an_empty_database_at_once_do_no_harm(empty: Settings) -> None:
    code = "from bot import db; from bot.settings import Settings; db.migrate(Settings())"
    started = [subprocess.Popen([sys.executable, "-c", code], env=environment(empty)) for _ in range(3)]
    assert [process.wait(120) for process in started] == [0, 0, 0]
    with contextlib.closing(db.connect(empty).connect()) as connection:
        assert inspect(connection).has_table("outbox")


def test_two_who_prepare_an_older_shop_at_once_do_no_harm(current: Services) -> None:
    current.engine.dispose()
    command.downgrade(db.alembic_config(current.settings), FIRST)
    started = [subprocess.Popen([FRONTLINE, "prepare"], env=environment(current.settings)) for _ in range(2)]
    assert [process.wait(180) for process in started] == [0, 0]
    command.check(db.alembic_config(current.settings))
    with db.reading(current.sessions) as session:
        assert len(session.scalars(select(Release)).all()) == 1


def test_two_who_load_the_demo_at_once_do_no_harm(empty: Settings, postgres: str | None) -> None:  # noqa: F811
    """The second one waits for the first, and finds everything there."""
    if not postgres:
        pytest.skip("SQLite has one writer at a time")
    db.migrate(empty)
    engine = db.connect(empty)
    with ThreadPoolExecutor(1) as other:
        with db.sessions(engine).begin() as first:
            db.alone(first)
            load_demo_users(first)
            second = other.submit(webhook_app.load_demo, empty)
            eventually("the second one waits", lambda: somebody_waits(engine), 30)
        second.result(60)
    with engine.connect() as connection:
        assert len(connection.execute(select(User.id)).all()) == len(DEMO_USERS)
    engine.dispose()
    services.current().engine.dispose()


def test_who_goes_back_a_version_finds_the_newer_schema_left_alone(empty: Settings) -> None:
    db.migrate(empty)
    engine = db.connect(empty)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'r9999'"))
    db.migrate(empty)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "r9999"
    engine.dispose()


@contextlib.contextmanager
def web(settings: Settings, folder: Path) -> Iterator[tuple[procfile.Started, int]]:
    """The Procfile's web process on this test's database, and its port."""
    port = free_ports()
    started = procfile.start("web", procfile.lines()["web"], environment(settings) | {"PORT": str(port)}, folder)
    try:
        eventually("it answers", lambda: _answers(port), 120)
        yield started, port
    finally:
        if started.process.poll() is None:
            started.process.kill()
            started.process.wait()


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).ok
    except requests.RequestException:
        return False


def test_a_webhook_in_flight_is_answered_while_its_process_is_restarted(
    current: Services, tmp_path_factory: pytest.TempPathFactory
) -> None:
    body, signature = signed([text_event("Uchen", "運費怎麼算?")])
    sent = {**signature, "Host": "shop", "Content-Length": str(len(body)), "Expect": "100-continue"}
    head = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    with (
        web(current.settings, tmp_path_factory.mktemp("web")) as (process, port),
        socket.create_connection(("127.0.0.1", port), timeout=30) as caller,
    ):
        caller.sendall(f"POST /webhooks/line HTTP/1.1\r\n{head}\r\n".encode() + body[:20])
        assert b" 100 " in caller.recv(1000)  # it is being read
        process.process.terminate()
        caller.sendall(body[20:])
        assert caller.recv(1000).startswith(b"HTTP/1.1 200 ")
        assert process.process.wait(30) == 0
    with db.reading(current.sessions) as session:
        assert session.scalars(select(Event.state)).all() == ["waiting"]
