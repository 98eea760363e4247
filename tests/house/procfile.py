"""Starts what the Procfile says, as a process manager does: a shell a line, the line filled in from the environment."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bot.cli.supervisor import LEASH
from tests.running import ROOT

COPIES = {"web": 2, "worker": 2, "ticker": 2}
DEMO_ONLY = {"simulator"}
PATIENCE = 40.0


@dataclass(frozen=True)
class Started:
    """One process of the Procfile and where its lines go."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path

    def told(self) -> str:
        return f"{self.name}: {self.log.read_text('utf-8', 'replace')[-3000:]}"


def lines() -> dict[str, str]:
    """The Procfile: a command by its process type."""
    split = (line.split(":", 1) for line in (ROOT / "Procfile").read_text("utf-8").splitlines())
    return {name: command.strip() for name, command in split if name not in DEMO_ONLY}


def copies() -> list[tuple[str, str]]:
    """Every process to start: its name with a number, and its command."""
    return [
        (f"{name}.{copy}", command) for name, command in lines().items() for copy in range(1, COPIES.get(name, 1) + 1)
    ]


def start(name: str, command: str, environment: dict[str, str], folder: Path) -> Started:
    """A process that ends with the test run, however that ends."""
    log = folder / f"{name}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-IS", str(LEASH), str(os.getpid()), "sh", "-c", f"exec {command}"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    return Started(name, process, log)


def stop(started: list[Started]) -> None:
    """Every process has lived until now, and ends well when it is asked to."""
    died = [one.told() for one in started if one.process.poll() is not None]
    for one in started:
        one.process.send_signal(signal.SIGTERM)
    codes = {one.name: one.process.wait(PATIENCE) for one in started}
    assert died == []
    assert set(codes.values()) == {0}, codes
