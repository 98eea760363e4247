"""The whole of Frontline, started as an operator starts it (`frontline run`), and the customers in front of it."""

import contextlib
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import past, processes
from benchmarks.line import Platform, platform
from benchmarks.load import Crowd
from benchmarks.processes import Process
from benchmarks.shop import Databases, databases, open_shop
from bot.settings import Settings
from tests.running import running


@dataclass(frozen=True)
class Stage:
    """A running shop with customers whom it knows."""

    settings: Settings
    url: str
    platform: Platform
    pids: tuple[int, ...]

    def processes(self) -> list[Process]:
        return processes.below(*self.pids)

    def crowd(self, questions: Iterable[str], customers: Iterable[str]) -> Crowd:
        return Crowd(int(self.url.rsplit(":", 1)[1]), self.platform, customers, questions)


@contextlib.contextmanager
def workshop(kind: str) -> Iterator[tuple[Path, Databases, Platform]]:
    """A folder, databases of a kind and a recording LINE platform, for as long as they are needed."""
    passing = tempfile.TemporaryDirectory(prefix="frontline-benchmark-", ignore_cleanup_errors=True)
    with passing as folder, workshop_in(Path(folder), kind) as made:
        yield made


@contextlib.contextmanager
def workshop_in(folder: Path, kind: str) -> Iterator[tuple[Path, Databases, Platform]]:
    """The same in a folder that stays."""
    with databases(kind, folder) as made, platform() as line:
        yield folder, made, line


@contextlib.contextmanager
def started(settings: Settings, line: Platform, server: int | None, **more: str) -> Iterator[Stage]:
    """Everything that `frontline run` starts for these settings, and `more` of the environment."""
    given = {
        **more,
        "DATABASE_URL": settings.database_url,
        "LINE_API_BASE": line.url,
        "LINE_CHANNEL_SECRET": settings.line_channel_secret,
        "LINE_CHANNEL_ACCESS_TOKEN": settings.line_channel_access_token,
        "SECRET_KEY": settings.secret_key,
    }
    with running(settings.data, **given) as run:
        yield Stage(settings, run.url, line, (run.process.pid, *([server] if server else [])))


@contextlib.contextmanager
def stage(kind: str, conversations: int) -> Iterator[Stage]:
    """One running shop with this many past conversations."""
    with workshop(kind) as (folder, made, line):
        settings = open_shop(folder / "shop", made.make("shop"), line.url)
        past.store(settings, conversations)
        with started(settings, line, made.server) as running_shop:
            yield running_shop
