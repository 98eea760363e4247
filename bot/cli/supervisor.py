"""Keep a set of programs running: start again what dies, stop everything together, leave nothing behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import structlog

from bot.cli.restarts import Restarts

LEASH = Path(__file__).with_name("leash.py")
TICK = 0.1
GRACE = 4.0  # twice, since the ground is stopped after the others: ten seconds at most, with room

log = structlog.get_logger()


@dataclass(frozen=True)
class Program:
    """A program to keep running. The others stand on a `ground` program, so it is stopped last."""

    name: str
    command: tuple[str, ...]
    ground: bool = False


@dataclass(frozen=True)
class Surroundings:
    """What every program gets: its environment, who prints its lines, files to keep open for it."""

    environment: Mapping[str, str]
    say: Callable[[str, str], None]
    keep_open: tuple[int, ...] = ()


class Child:
    """One program's present process."""

    def __init__(self, program: Program, surroundings: Surroundings) -> None:
        self.program = program
        self._around = surroundings
        self._restarts = Restarts()
        self._again_at = 0.0
        self._process = self._start()

    def _start(self) -> subprocess.Popen[str]:
        """A process group of its own, so that the terminal's Ctrl-C reaches only the supervisor."""
        process = subprocess.Popen(
            [sys.executable, "-IS", str(LEASH), str(os.getpid()), *self.program.command],
            env=self._around.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=self._around.keep_open,
            process_group=0,
            encoding="utf-8",
            errors="replace",
        )
        assert process.stdout is not None
        threading.Thread(target=self._relay, args=(process.stdout,), daemon=True).start()
        self._again_at = 0.0
        return process

    def _relay(self, lines: IO[str]) -> None:
        for line in lines:
            self._around.say(self.program.name, line.rstrip("\n"))

    def exit_code(self) -> int | None:
        return self._process.poll()

    def revive(self, now: float) -> None:
        """Start the program again once it has died and its pause is over."""
        code = self.exit_code()
        if code is None:
            return
        if not self._again_at:
            pause = self._restarts.pause_after_death(now)
            self._again_at = now + pause
            log.warning("supervisor.died", program=self.program.name, exit_code=code, again_in=pause)
        if now >= self._again_at:
            self._process = self._start()

    def signal(self, number: signal.Signals) -> None:
        """To the process itself when asked gently, to its whole group when it must go."""
        if self.exit_code() is not None:
            return
        send = os.killpg if number == signal.SIGKILL else os.kill
        try:
            send(self._process.pid, number)
        except ProcessLookupError:
            log.debug("supervisor.gone_already", program=self.program.name)

    def wait(self) -> None:
        self._process.wait()


class Supervisor:
    """Runs programs until it is asked to stop."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings
        self._children: list[Child] = []
        self.asked_to_stop = False

    def stop_on_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, *_: object) -> None:
        self.asked_to_stop = True

    def start(self, program: Program) -> None:
        self._children.append(Child(program, self._around))

    def finish(self, program: Program) -> bool:
        """Run a program that ends by itself; whether it ended well. Stopping meanwhile stops it too."""
        child = Child(program, self._around)
        while child.exit_code() is None:
            if self.asked_to_stop:
                _end([child])
            self.tend()
        return child.exit_code() == 0

    def watch(self) -> None:
        """Start again what dies, until asked to stop."""
        while not self.asked_to_stop:
            self.tend()

    def tend(self) -> None:
        """One look at every child, then a short rest."""
        now = time.monotonic()
        for child in self._children:
            child.revive(now)
        time.sleep(TICK)

    def stop(self) -> None:
        """Stop everything: gently first, then for good; the ground last."""
        _end(child for child in self._children if not child.program.ground)
        _end(child for child in self._children if child.program.ground)
        self._children.clear()


def _end(children: Iterable[Child]) -> None:
    ending = list(children)
    for child in ending:
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline and any(child.exit_code() is None for child in ending):
        time.sleep(0.05)
    for child in ending:
        child.signal(signal.SIGKILL)
        child.wait()
