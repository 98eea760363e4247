"""The whole of Frontline as a newcomer starts it: `frontline run` on free ports and an empty data folder."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import requests

ROOT = Path(__file__).parent.parent
FRONTLINE = str(Path(sys.executable).with_name("frontline"))
OUTSIDE = ("DATABASE_URL", "REDIS_URL", "RASA_URL", "LINE_", "META_", "SECRET_KEY")


@dataclass(frozen=True)
class Running:
    """A started demo."""

    url: str
    process: "subprocess.Popen[bytes]"
    data: Path
    log: Path


def free_ports() -> int:
    """The first of three neighbouring ports that are free; anywhere, since other runs look for some as well."""
    for first in random.sample(range(18_000, 28_000, 10), 1000):
        with contextlib.ExitStack() as held:
            try:
                for port in range(first, first + 3):
                    held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return first
    raise RuntimeError("no free ports")


def environment(data: Path, port: int, given: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OUTSIDE)}
    return kept | {"FRONTLINE_DATA": str(data), "PORT": str(port), "OPEN_HOURS": "00:00-24:00", **given}


@contextlib.contextmanager
def running(data: Path, home: Path = ROOT, **given: str) -> Iterator[Running]:
    """Start everything with the settings given, wait until it is ready, and stop it with Ctrl-C's signal.

    `home`: where the program lies.
    """
    port, log = free_ports(), data.parent / f"{data.name}.log"
    with (
        log.open("wb") as out,
        subprocess.Popen(
            [FRONTLINE, "run"], cwd=home, env=environment(data, port, given), stdout=out, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            wait_until_ready(f"http://127.0.0.1:{port}", process, log)
            yield Running(f"http://127.0.0.1:{port}", process, data, log)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            process.wait(timeout=30)


def wait_until_ready(url: str, process: "subprocess.Popen[bytes]", log: Path, tries: int = 600) -> None:
    """Until /readyz is green; fails with the log's end when the program ends or was asked too often.

    Tries are counted, five a second, not minutes: a machine that was suspended has waited for nothing.
    """
    pause = threading.Event()
    for _ in range(tries):
        if _ready(url):
            return
        assert process.poll() is None, _told(log)
        pause.wait(0.2)
    raise AssertionError(_told(log))


def _told(log: Path) -> str:
    return log.read_text("utf-8", "replace")[-4000:]


def _ready(url: str) -> bool:
    try:
        return requests.get(f"{url}/readyz", timeout=10).ok
    except requests.RequestException:
        return False
