"""What the operator may count on: what dies comes back, and what is stopped is gone."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.cli.restarts import LONGEST, SOON, Restarts
from bot.cli.supervisor import Program, Supervisor, Surroundings

FOREVER = (sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(600)")
STUBBORN = (
    sys.executable,
    "-c",
    "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(os.getpid(), flush=True);"
    "time.sleep(600)",
)


class Office:
    """A supervisor and what its programs said."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self.supervisor = Supervisor(Surroundings(dict(os.environ), lambda *line: self.said.append(line)))

    def pids(self, name: str) -> list[int]:
        return [int(line) for program, line in list(self.said) if program == name]

    def tend_until(self, holds: Callable[[], bool], seconds: float = 10) -> float:
        """Let the supervisor work until something holds; how long that took."""
        start = time.monotonic()
        while not holds():
            assert time.monotonic() < start + seconds, f"it never came to it; said: {self.said}"
            self.supervisor.tend()
        return time.monotonic() - start


@pytest.fixture
def office() -> Iterator[Office]:
    office = Office()
    yield office
    office.supervisor.stop()


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_killed_program_is_back_within_a_second(office: Office) -> None:
    office.supervisor.start(Program("web", FOREVER))
    office.tend_until(lambda: len(office.pids("web")) == 1)
    os.kill(office.pids("web")[0], signal.SIGKILL)
    office.tend_until(lambda: not alive(office.pids("web")[0]))
    assert office.tend_until(lambda: len(office.pids("web")) == 2) < 1.5  # the start itself included


def test_every_line_carries_its_programs_name(office: Office) -> None:
    office.supervisor.start(
        Program("ticker", (sys.executable, "-c", "print('滴答', flush=True); import time; time.sleep(99)"))
    )
    office.tend_until(lambda: ("ticker", "滴答") in office.said)


def test_stopping_leaves_no_process_behind_not_even_a_stubborn_one(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.cli.supervisor.GRACE", 0.5)
    office.supervisor.start(Program("good", FOREVER))
    office.supervisor.start(Program("stubborn", STUBBORN))
    office.tend_until(lambda: bool(office.pids("good") and office.pids("stubborn")))
    office.supervisor.stop()
    assert not any(alive(pid) for pid in office.pids("good") + office.pids("stubborn"))


def test_the_ground_is_stopped_after_those_who_stand_on_it(office: Office) -> None:
    farewell = "import signal, sys, time\ndef bye(*_):\n print('bye', flush=True); sys.exit()\n"
    farewell += "signal.signal(signal.SIGTERM, bye); print('up', flush=True); time.sleep(600)"
    office.supervisor.start(Program("redis", (sys.executable, "-c", farewell), ground=True))
    office.supervisor.start(Program("worker", (sys.executable, "-c", farewell)))
    office.tend_until(lambda: [line for _, line in office.said].count("up") == 2)
    office.supervisor.stop()
    office.tend_until(lambda: [line for _, line in office.said].count("bye") == 2)
    assert [program for program, line in office.said if line == "bye"] == ["worker", "redis"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent died")
def test_killing_the_supervisor_itself_leaves_no_process_behind(tmp_path: Path) -> None:
    script = (
        "import os, sys\n"
        "from bot.cli.supervisor import Program, Supervisor, Surroundings\n"
        "say = lambda program, line: print(line, flush=True)\n"
        "supervisor = Supervisor(Surroundings(dict(os.environ), say))\n"
        f"supervisor.start(Program('web', {FOREVER!r}))\n"
        "supervisor.watch()\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        child = int(supervisor.stdout.readline())
        supervisor.kill()
        supervisor.wait()
        deadline = time.monotonic() + 5
        while alive(child) and time.monotonic() < deadline:
            time.sleep(0.02)
    assert not alive(child)


def test_a_step_that_ends_by_itself_tells_whether_it_ended_well(office: Office) -> None:
    assert office.supervisor.finish(Program("prepare", (sys.executable, "-c", "")))
    assert not office.supervisor.finish(Program("prepare", (sys.executable, "-c", "raise SystemExit(3)")))


def test_asking_to_stop_ends_a_step_in_progress(office: Office) -> None:
    office.supervisor.asked_to_stop = True
    assert not office.supervisor.finish(Program("prepare", FOREVER))


def test_five_deaths_a_minute_are_restarted_at_once_and_more_ever_later() -> None:
    restarts = Restarts()
    pauses = [restarts.pause_after_death(float(second)) for second in range(12)]
    assert pauses[:5] == [SOON] * 5
    assert pauses[5:10] == [1.0, 2.0, 4.0, 8.0, 16.0]
    assert pauses[10:] == [LONGEST, LONGEST]


def test_a_program_that_ran_well_for_minutes_is_restarted_at_once_again() -> None:
    restarts = Restarts()
    for second in range(8):
        restarts.pause_after_death(float(second))
    assert restarts.pause_after_death(600.0) == SOON
