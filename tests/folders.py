"""Data folders for stories: learned and filled once, and kept in pytest's cache for as long as nothing that they are
made of changes.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import webhook_app
from bot import clock, db
from bot.auth.accounts import load_demo_users
from bot.models import Release
from bot.nlu import embedding
from bot.nlu.release import folder, train_shipped
from bot.settings import Settings
from faq import demo
from tests.builders import SECRET

LEARNED_FROM = (
    "bot/nlu/**/*.py",
    "bot/language/*.py",
    "nlu_data/*.yml",
    "nlu_data/*/*.yml",
    "nlu_data/*/nlu/*.yml",
)
SIDE_FILES = shutil.ignore_patterns("*-wal", "*-shm", ".lock")
FILLED_FROM = ("bot/migrations/versions/*.py", "bot/auth/accounts.py", "faq/demo/*", "tests/folders.py")


def kept(cache: pytest.Cache, name: str, patterns: Sequence[str], make: Callable[[Settings], None]) -> Path:
    """The folder that was made of the files that match, else made now."""
    home = cache.mkdir(f"{name}-{_made_of(patterns)}")
    with (home / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "complete").exists():
            make(settings(home, "", ""))
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


def learn(settings: Settings) -> None:
    """The shipped understanding, and nothing else. It is kept for other runs, so no story may have harmed it."""
    assert not embedding.trouble()
    db.migrate(settings)
    current = webhook_app.install(settings)
    train_shipped(settings, current.sessions)
    current.engine.dispose()


def fill(settings: Settings, learned: Path) -> None:
    """The demo's content and people beside what was learned."""
    db.migrate(settings)
    shutil.copytree(learned / "releases", settings.data / "releases", dirs_exist_ok=True)
    current = webhook_app.install(settings)
    with current.sessions.begin() as session:
        metrics = json.loads((folder(settings, 1) / "metrics.json").read_text("utf-8"))
        name = learned_by(learned)
        made = {"learned": name, "shipped_at": clock.now(), "metrics": metrics}
        session.add(Release(id=1, digest=name, activated_at=clock.now(), **made))
        demo.load_demo(session)
        load_demo_users(session)
    current.engine.dispose()


def learned_by(home: Path) -> str:
    """What was learned there, by its own name: whether there is an embedding may be answered otherwise by now."""
    with contextlib.closing(sqlite3.connect(home / "frontline.db")) as connection:
        return str(connection.execute("SELECT learned FROM releases").fetchone()[0])


def copy(made: Path, home: Path) -> None:
    """All of a kept folder."""
    shutil.copytree(made, home, dirs_exist_ok=True, ignore=SIDE_FILES)


def furnish(home: Path, trained: Path) -> None:
    """A data folder like the trained one. Its release is twenty megabytes that are only read, so it is linked."""
    shutil.copy(trained / "frontline.db", home)
    shutil.copytree(trained / "releases", home / "releases", copy_function=_linked)


def _linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # the story's folder is on a disk of its own
        shutil.copy2(source, target)


def settings(home: Path, valkey: str, line: str) -> Settings:
    return Settings(
        frontline_data=home,
        redis_url=valkey,
        line_api_base=line,
        line_data_api_base=line,
        secret_key="for tests only",
        line_channel_secret=SECRET,
        line_channel_access_token="a token",
        fragment_wait_ms=1200,
        open_hours="00:00-24:00",
        database_url="",
    )
