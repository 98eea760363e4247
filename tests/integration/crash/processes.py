"""Which process is which below the supervisor, and which of them made a call."""

import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path

from tests.integration.test_run import family


def send(pid: int, number: signal.Signals) -> bool:
    """Whether the process was still there."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
        return True
    return False


def pids(supervisor: int, program: str) -> list[int]:
    """The present processes of a program."""
    return [pid for pid in family(supervisor) if PROGRAMS[program](supervisor, pid, _command(pid))]


PROGRAMS: dict[str, Callable[[int, int, bytes], bool]] = {
    "worker": lambda _, __, command: b"worker\0turns" in command,
    "web": lambda supervisor, pid, command: b"webhook_app:app" in command and _parent(pid) == supervisor,
    "web worker": lambda supervisor, pid, command: b"webhook_app:app" in command and _parent(pid) != supervisor,
    "ticker": lambda _, __, command: b"frontline\0ticker" in command,
    "redis": lambda _, __, command: b"valkey" in command,
}


def _command(pid: int) -> bytes:
    with contextlib.suppress(OSError):  # gone meanwhile
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def _parent(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    return 0


def owner(port: int, among: list[int]) -> int | None:
    """Which of these processes called from this local port."""
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    inodes = {f"socket:[{row[9]}]" for row in rows if int(row[1].split(":")[1], 16) == port}
    return next((pid for pid in among if inodes & _sockets(pid)), None)


def _sockets(pid: int) -> set[str]:
    found = set()
    for handle in Path(f"/proc/{pid}/fd").glob("*"):
        with contextlib.suppress(OSError):
            found.add(os.readlink(handle))
    return found
