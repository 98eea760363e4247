"""What each process of a running Frontline has cost: processor time and memory, read from /proc."""

import os
import statistics
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

# What tells a kind of process in its command line; the first that fits counts.
MARKS = {
    "webhook_app:app": "web",
    "handoff.stream.process:app": "stream",
    "worker\0turns": "worker",
    "worker\0files": "files",
    "worker\0builds": "builder",
    "frontline\0ticker": "ticker",
    "valkey": "redis",
    "frontline\0run": "supervisor",
    "postgres": "postgresql",
}
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Process:
    """A process and the kind of work it does."""

    pid: int
    kind: str

    @property
    def cpu(self) -> float:
        """Seconds of processor time so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self) -> dict[str, float]:
        """Megabytes: its own and its share of what it shares (pss), and all it has mapped in (rss)."""
        lines = (line.split() for line in Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()[1:])
        sizes = {words[0].rstrip(":").lower(): int(words[1]) / 1024 for words in lines}
        return {"pss_mb": round(sizes["pss"], 1), "rss_mb": round(sizes["rss"], 1)}


def below(*roots: int) -> list[Process]:
    """The processes `roots` and all that they started."""
    pids = [pid for root in roots for pid in (root, *_descendants(root))]
    return [Process(pid, kind) for pid in pids if (kind := _kind(pid))]


def cpu_by_kind(processes: list[Process]) -> dict[str, float]:
    """Seconds of processor time so far of the processes that still live, by kind."""
    spent: dict[str, float] = defaultdict(float)
    for process in processes:
        if Path(f"/proc/{process.pid}").exists():
            spent[process.kind] += process.cpu
    return spent


def memory_by_kind(processes: list[Process]) -> dict[str, dict[str, float]]:
    """For each kind: how many processes, the median of one, and the sum of all shares."""
    found: dict[str, list[dict[str, float]]] = defaultdict(list)
    for process in processes:
        found[process.kind].append(process.memory())
    return {
        kind: {
            "processes": len(all_of_it),
            "rss_mb_each": round(statistics.median(one["rss_mb"] for one in all_of_it), 1),
            "pss_mb_all": round(sum(one["pss_mb"] for one in all_of_it), 1),
        }
        for kind, all_of_it in found.items()
    }


def _descendants(pid: int) -> list[int]:
    children: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        children += map(int, task.read_text().split())
    return [*children, *(grandchild for child in children for grandchild in _descendants(child))]


def _kind(pid: int) -> str | None:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace")
    except OSError:
        return None  # it has ended meanwhile
    return next((kind for mark, kind in MARKS.items() if mark in words), None)
