"""A disk that is full: messages are refused clearly, LINE brings them again, and nothing half stored remains."""

import errno
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select, text
from structlog.testing import capture_logs

from bot import clock, disk, sweeper
from bot.models import Event
from bot.services import Services
from tests.builders import Customer, text_event
from tests.fakes import FakeLine

pytestmark = pytest.mark.by_hand
Work = Callable[[], None]
SIZE = "160m"


@pytest.fixture
def tmp_path(tmp_path: Path, postgres: str | None) -> Iterator[Path]:
    """A data folder on a small disk of its own."""
    if postgres:
        pytest.skip("PostgreSQL's disk is the server's business")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", tmp_path], check=False)
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    yield tmp_path
    subprocess.run(["umount", "--lazy", tmp_path], check=True)


@pytest.fixture
def full(tmp_path: Path, current: Services) -> Callable[[], Callable[[], None]]:
    """Fills the disk of a shop at work to the last byte; gives the way to make room again."""
    with current.sessions.begin() as session:
        session.execute(text("SELECT 1"))  # the database is open, as it is in a shop at work

    def fill() -> Callable[[], None]:
        filler = tmp_path / "filler"
        with filler.open("wb", buffering=0) as file:
            for size in (1_000_000, 4096, 1):
                _write_until_full(file.write, size)
        return filler.unlink

    return fill


def _write_until_full(write: Callable[[bytes], int | None], size: int) -> None:
    try:
        while write(bytes(size)) == size:
            pass
    except OSError:
        return


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names what is synced."""
    names: list[str] = []
    sync = disk.sync

    def watched(path: Path) -> None:
        names.append(path.name)
        sync(path)

    monkeypatch.setattr(disk, "sync", watched)
    return names


def inbox(current: Services) -> dict[str, str]:
    with current.sessions() as session:
        return {row.external_id: row.state for row in session.scalars(select(Event))}


def test_who_is_refused_is_told_so_and_taken_when_there_is_room_again(
    chen: Customer, current: Services, line: FakeLine, work: Work, full: Callable[[], Callable[[], None]]
) -> None:
    make_room = full()
    sent = [text_event("Uchen", "運費怎麼算?" * 50) for _ in range(20)]
    with capture_logs() as told:
        statuses = [chen.post(event) for event in sent]
    assert set(statuses) <= {200, 503}
    assert statuses[-1] == 503
    assert {line.get("error") for line in told if line["event"] == "webhook.not_stored"} == {"SQLITE_FULL"}
    stored = [event["webhookEventId"] for event, status in zip(sent, statuses, strict=True) if status == 200]
    assert list(inbox(current)) == stored
    make_room()
    assert {chen.post(event) for event in sent} == {200}
    assert len(inbox(current)) == len(sent)
    work()
    assert set(inbox(current).values()) == {"done"}


def test_who_is_ready_names_the_disk(chen: Customer, full: Callable[[], Callable[[], None]]) -> None:
    assert chen.client.get("/readyz").get_json()["checks"]["disk"] == "ok"
    make_room = full()
    assert chen.client.get("/readyz").get_json()["checks"]["disk"] == "full: 0 MB free in the data folder"
    make_room()
    assert chen.client.get("/readyz").get_json()["checks"]["disk"] == "ok"


def test_a_message_that_was_stored_before_the_disk_was_full_is_answered_after(
    chen: Customer, current: Services, line: FakeLine, work: Work, full: Callable[[], Callable[[], None]]
) -> None:
    chen.writes("運費怎麼算?")
    make_room = full()
    for _ in range(20):  # what SQLite has put by for itself is used up first
        chen.post(text_event("Uhuang", "長" * 1000))
    work()
    assert line.said == []
    make_room()
    with time_machine.travel(clock.after(60)):
        work()
    assert set(inbox(current).values()) == {"done"}
    assert "80" in line.said[0]


def test_line_hears_200_only_when_the_disk_has_the_message(
    chen: Customer, current: Services, line: FakeLine, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = text_event("Uchen", "運費怎麼算?")

    def broken(path: Path) -> None:
        if path.name.endswith("-wal"):
            raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(disk, "sync", broken)
        assert chen.post(sent) == 503
    assert chen.post(sent) == 200
    with time_machine.travel(clock.after(5)):
        sweeper.wake_events(current)  # who stored it told nobody
        work()
    assert list(inbox(current).values()) == ["done"]
    assert len(line.said) == 1


def test_only_what_is_promised_to_somebody_waits_for_the_disk(
    chen: Customer, line: FakeLine, work: Work, synced: list[str]
) -> None:
    chen.writes("運費怎麼算?")
    assert synced.count("frontline.db-wal") == 1  # LINE's 200
    work()
    assert len(line.said) == 1
    assert synced.count("frontline.db-wal") == 2  # the answer, before it is sent
