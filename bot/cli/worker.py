"""The RQ workers: one queue a process, everything loaded before the first job, quick to notice a dead Redis.

Turns run in the worker's own process, since a fork costs more than a turn. Builds (training, imports,
reports) and customers' files run in a forked process each, so that their memory goes back and a crash stays theirs.
"""

import os
from typing import Any

import structlog
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry
from rq import SimpleWorker, Worker, worker_registration
from rq.job import Job
from rq.queue import Queue
from rq.serializers import JSONSerializer
from rq.worker import BaseWorker

from bot.broker import BUILDS, FILES, SENDS, TURNS, Broker, TimesUp
from bot.cli.leash import hold

# RQ looks after its registries every worker_ttl - 15 s; the default would be every seven minutes.
WORKER_TTL = 30
MAINTENANCE_SECONDS = 10
# RQ looks for a Redis that went away with growing pauses; a minute, its default, is a long silence for customers.
RECONNECT_SECONDS = 5.0
# What must be said goes before what came in: an agent's reply does not wait behind a crowd of questions.
# A picture that a customer sent waits behind no training, which may take a quarter of an hour.
TAKES = {TURNS: (SENDS, TURNS), FILES: (FILES,), BUILDS: (BUILDS,)}
NICE = {TURNS: 0, FILES: 5, BUILDS: 10}

log = structlog.get_logger()


class Remembered(BaseWorker):
    """Tells a Redis that lost its memory of itself again; otherwise nobody would count it until it is restarted."""

    def run_maintenance_tasks(self) -> None:
        super().run_maintenance_tasks()  # type: ignore[no-untyped-call]
        worker_registration.register(self)


class TurnWorker(Remembered, SimpleWorker):
    """Runs jobs in this process, naming the job in every log line."""

    death_penalty_class = TimesUp

    def perform_job(self, job: Job, queue: Queue) -> bool:
        with structlog.contextvars.bound_contextvars(job_id=job.id):
            return super().perform_job(job, queue)


class ForkingWorker(Remembered, Worker):
    """Forks for every job; the fork dies with the worker."""

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        hold(os.getppid())
        with structlog.contextvars.bound_contextvars(job_id=job.id):
            super().main_work_horse(job, queue)


WORKERS: dict[str, type[BaseWorker]] = {TURNS: TurnWorker, FILES: ForkingWorker, BUILDS: ForkingWorker}


def job_failed(job: Job, kind: type[BaseException], *_: Any) -> bool:
    """Name the failure without its text, which may quote a customer."""
    log.error("job.failed", job_id=job.id, task=job.func_name, error=kind.__name__)
    return True


def _until_it_answers(redis: Redis) -> None:
    """Wait for a Redis that is away: a worker that died of it would be started ever later."""
    patience = Retry(ConstantBackoff(1.0), retries=-1)
    patience.call_with_retry(redis.ping, lambda error: log.warning("worker.no_redis", error=type(error).__name__))


def work(queue: str, broker: Broker) -> None:
    """Take jobs from `queue` until SIGTERM; the job in hand is finished first."""
    os.nice(NICE[queue])
    _until_it_answers(broker.redis)
    worker = WORKERS[queue](
        [broker.queue(name) for name in TAKES[queue]],
        connection=broker.redis,
        serializer=JSONSerializer,
        worker_ttl=WORKER_TTL,
        maintenance_interval=MAINTENANCE_SECONDS,
        exception_handlers=[job_failed],
    )
    worker.max_connection_wait_time = RECONNECT_SECONDS
    worker.work(logging_level="CRITICAL")
