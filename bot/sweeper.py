"""Takes what is due: waiting events, fragments, retries. The net under Redis; two sweepers are harmless.

A periodic job is one line in the module that owns it: `@every(seconds)`.
"""

import threading
import time
from collections.abc import Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot import inbox, outbox, services, turn
from bot.services import Services

PAUSE = 0.15
BACKLOG = 500
Job = Callable[[Services], None]

log = structlog.get_logger()
_jobs: list[tuple[float, Job]] = []


def every(seconds: float) -> Callable[[Job], Job]:
    """Run the decorated function in the ticker every `seconds` (or as soon as the loop comes round)."""

    def register(job: Job) -> Job:
        _jobs.append((seconds, job))
        return job

    return register


@every(PAUSE)
def wake_events(current: Services) -> None:
    """Wake workers for due events; without Redis, do the turns here, slowly."""
    if current.broker.backlog() > BACKLOG:
        return  # whoever is due is in the queue already; more jobs would not make the workers faster
    with current.sessions.begin() as session:
        due = inbox.take_due(session)
    for conversation_id in due:
        if not current.broker.enqueue("bot.turn.take", conversation_id):
            turn.take(conversation_id)


@every(PAUSE)
def wake_outbox(current: Services) -> None:
    """Wake workers for messages whose next try is due; without Redis, send them here."""
    if current.broker.backlog() > BACKLOG:
        return
    with current.sessions.begin() as session:
        due = outbox.take_due(session)
    for conversation_id in due:
        if not current.broker.enqueue("bot.outbox.deliver", conversation_id):
            outbox.deliver(conversation_id)


@every(3)
def say_alive(current: Services) -> None:
    current.broker.beat()


@every(60)
def file_accountless_events(current: Services) -> None:
    with current.sessions.begin() as session:
        inbox.file_accountless(session)


def run(stop: threading.Event) -> None:
    """The ticker's loop, until `stop` is set. A failing job is logged and comes round again."""
    due = {job: 0.0 for _, job in _jobs}
    while not stop.wait(PAUSE):
        for seconds, job in _jobs:
            if time.monotonic() >= due[job]:
                due[job] = time.monotonic() + seconds
                _run(job)


def _run(job: Job) -> None:
    try:
        job(services.current())
    except SQLAlchemyError as error:
        log.error("ticker.database", job=job.__name__, error=type(error).__name__)
    except Exception:  # the ticker must outlive any one job's mistake
        log.exception("ticker.failed", job=job.__name__)
