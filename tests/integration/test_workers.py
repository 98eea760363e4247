"""What an operator may do to a worker: stop it gently, or kill it, and nothing is left half done."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rq import Worker

from bot.broker import BUILDS, FILES, TURNS
from bot.services import Services
from tests.integration.test_run import alive, eventually, family

Start = Callable[[str], "subprocess.Popen[bytes]"]


@pytest.fixture
def start(current: Services) -> Iterator[Start]:
    """Start `frontline worker QUEUE` on this test's Redis; whatever is left is killed at the end."""
    started: list[subprocess.Popen[bytes]] = []
    settings = current.settings
    environment = os.environ | {"FRONTLINE_DATA": str(settings.data), "REDIS_URL": settings.redis_url}

    def worker(queue: str) -> "subprocess.Popen[bytes]":
        command = [str(Path(sys.executable).with_name("frontline")), "worker", queue]
        started.append(subprocess.Popen(command, env=environment))
        return started[-1]

    yield worker
    for process in started:
        process.kill()
        process.wait()


def test_a_worker_told_to_stop_finishes_the_job_in_hand(start: Start, current: Services) -> None:
    worker = start(TURNS)
    current.broker.enqueue("time.sleep", 2, queue=TURNS)
    queue = current.broker.queue(TURNS)
    eventually("the job is in hand", lambda: queue.started_job_registry.count == 1)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=15) == 0
    assert (queue.failed_job_registry.count, queue.started_job_registry.count, queue.count) == (0, 0, 0)


def test_an_idle_worker_told_to_stop_stops_at_once(start: Start, current: Services) -> None:
    worker = start(BUILDS)
    eventually("it waits for jobs", lambda: [one.get_state() for one in Worker.all(current.broker.redis)] == ["idle"])
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=10) == 0  # on a busy machine; who waits for the queue to answer takes fifteen


def test_a_build_dies_with_its_worker(start: Start, current: Services) -> None:
    worker = start(BUILDS)
    current.broker.enqueue("time.sleep", 600, queue=BUILDS)
    eventually("the build is forked", lambda: bool(family(worker.pid)))
    build = family(worker.pid)
    worker.kill()
    worker.wait()
    eventually("the build is gone", lambda: not alive(build))


def test_a_build_runs_after_others(start: Start, current: Services) -> None:
    worker = start(BUILDS)
    eventually("it waits for jobs", lambda: current.broker.redis.scard("rq:workers:builds") == 1)
    assert os.getpriority(os.PRIO_PROCESS, worker.pid) == 10


def test_what_a_customer_sent_waits_behind_no_build(start: Start, current: Services) -> None:
    for queue in (BUILDS, FILES):
        start(queue)
    builds, files = (current.broker.queue(name) for name in (BUILDS, FILES))
    current.broker.enqueue("time.sleep", 600, queue=BUILDS)
    eventually("the build is in hand", lambda: builds.started_job_registry.count == 1)
    fetched = files.enqueue("time.sleep", 0, result_ttl=60)
    eventually("the file is fetched", lambda: fetched.get_status(refresh=True) == "finished")
    assert builds.started_job_registry.count == 1
