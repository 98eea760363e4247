"""Takes what is due: waiting events, fragments, retries. The net under Redis; two sweepers are harmless.

A periodic job is one line in the module that owns it: `@every(seconds)`.
"""

import math
import threading
import time
from collections.abc import Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot import attachments, broker, db, disk, inbox, outbox, proving, rollout, searching, services, turn
from bot.broker import FILES, SENDS, TURNS
from bot.errors import JobTimedOut
from bot.services import Services
from bot.transactions import fault, transact
from bot.turn import pausing

PAUSE = 0.15
BACKLOG = 500
WORDLESS = 200  # a round's rows that get their words; a round holds SQLite's lock for a few hundredths of a second
MANY, FEW = 500, 10  # a round's conversations: for workers, and where the ticker must do the work itself
REST = 1.0  # seconds, after a failure
PATIENCE = 30  # seconds for a job in the ticker itself, as workers have for a turn or a send
TOLERATED = 1.0  # seconds: a clock that is set back by less delays nothing that anybody would notice
Job = Callable[[Services], None]

log = structlog.get_logger()
_jobs: list[tuple[float, Job]] = []
_rasa = rollout.Lookout()


def every(seconds: float) -> Callable[[Job], Job]:
    """Run the decorated function in the ticker every `seconds` (or as soon as the loop comes round)."""

    def register(job: Job) -> Job:
        _jobs.append((seconds, job))
        return job

    return register


@every(PAUSE)
def wake_outbox(current: Services) -> None:
    """Wake workers for messages whose next try is due; without Redis, send them here."""
    _wake(current, outbox.take_due, "bot.outbox.deliver", SENDS, outbox.deliver)


@every(PAUSE)
def wake_events(current: Services) -> None:
    """Wake workers for due events; without Redis, do the turns here, slowly."""
    _wake(current, inbox.take_due, "bot.turn.take", TURNS, turn.drain)


def _wake(
    current: Services, take_due: Callable[[Session, int], list[int]], task: str, queue: str, work: Callable[[int], None]
) -> None:
    if current.broker.backlog(queue) > BACKLOG:
        return  # that many jobs keep the workers busy: more would not make them faster
    limit = FEW if current.broker.away() else MANY

    def take(session: Session) -> list[int]:
        disk.fleeting(session)
        return take_due(session, limit)

    due = transact(current.sessions, take)
    if due and not current.broker.enqueue_all([broker.Job(task, (conversation,), queue) for conversation in due]):
        for conversation in due[:FEW]:
            do_here(work, conversation)


def do_here(work: Callable[[int], None], one: int) -> None:
    """Without workers the ticker does a job; one that fails, or never ends, must not cost the others their turn."""
    try:
        with broker.at_most(PATIENCE):
            work(one)
    except (Exception, JobTimedOut) as error:
        log.error("ticker.work_failed", work=f"{work.__module__}.{work.__name__}", id=one, error=type(error).__name__)


@every(0.3)
def wake_files(current: Services) -> None:
    """Have files fetched that customers sent, and removed that were taken back; without Redis, one after the other."""
    if current.broker.backlog(FILES) > MANY or attachments.busy() or not _any_files(current):
        return
    limit = 1 if current.broker.away() else MANY
    due = transact(current.sessions, lambda session: attachments.take_due(session, limit))
    if due and not current.broker.enqueue_all([broker.Job("bot.attachments.tend", (one,), FILES) for one in due]):
        attachments.tend_apart(current, due[0])


def _any_files(current: Services) -> bool:
    with db.reading(current.sessions) as session:
        return attachments.any_due(session)


@every(1)
def send_codes(current: Services) -> None:
    """Codes that prove who a customer is, where no job sent them."""
    proving.look(current)


@every(1)
def hand_over_forms(current: Services) -> None:
    """Customers who left in the middle of a form."""
    pausing.look(current)


@every(5)
def miss_echoes(current: Services) -> None:
    """Messages of which nobody knows whether they arrived."""
    outbox.look_for_echoes(current)


@every(600)
def forget_unsent_files(current: Services) -> None:
    attachments.forget_unsent(current)


@every(3)
def say_alive(current: Services) -> None:
    current.broker.beat()


@every(60)
def file_accountless_events(current: Services) -> None:
    with current.sessions.begin() as session:
        inbox.file_accountless(session)


@every(0.5)
def find_words(current: Services) -> None:
    """Rows that cannot be found yet, of before searching or of an older version beside ours."""

    def read(session: Session) -> None:
        disk.fleeting(session)
        searching.catch_up(session, WORDLESS)

    if _wordless(current):
        transact(current.sessions, read)


def _wordless(current: Services) -> bool:
    with db.reading(current.sessions) as session:
        return searching.behind(session)


@every(60)
def read_quotas(current: Services) -> None:
    outbox.read_quotas(current)


@every(1)
def look_after_rasa(current: Services) -> None:
    _rasa.look(current)


class WallClock:
    """Tells when the wall clock was set back. The first look counts as such: who knows what was before?"""

    def __init__(self) -> None:
        self._ahead = math.inf

    def was_set_back(self) -> bool:
        """Since the last look, measured against the clock that nobody sets."""
        before, self._ahead = self._ahead, time.time() - time.monotonic()
        return self._ahead < before - TOLERATED


def pull_in(current: Services) -> None:
    """All that waits for a later time is due now: by the clock that it was written under, that time may be past."""
    transact(current.sessions, inbox.pull_in)
    transact(current.sessions, outbox.pull_in)
    transact(current.sessions, attachments.pull_in)
    transact(current.sessions, pausing.pull_in)


def run(stop: threading.Event) -> None:
    """The ticker's loop, until `stop` is set. A failing job is logged and comes round again."""
    due = {job: 0.0 for _, job in _jobs}
    clock, owed = WallClock(), False
    while not stop.wait(PAUSE):
        owed = clock.was_set_back() or owed
        if owed:
            owed = not _run(pull_in)
        for seconds, job in _jobs:
            if time.monotonic() >= due[job]:
                rest = seconds if _run(job) else max(seconds, REST)
                due[job] = time.monotonic() + rest


def _run(job: Job) -> bool:
    """Whether the job went well."""
    try:
        job(services.current())
    except SQLAlchemyError as error:
        log.error("ticker.database", job=job.__name__, error=fault(error))
        return False
    except Exception:  # the ticker must outlive any one job's mistake
        log.exception("ticker.failed", job=job.__name__)
        return False
    return True
