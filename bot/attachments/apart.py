"""A file tended by a process of its own where no worker does it: a long film holds nobody up, and a decoder that dies
takes nobody along.
"""

import multiprocessing
import signal

from bot import broker
from bot.attachments.fetching import tend
from bot.broker import FILES, JOB_TIMEOUT
from bot.services import Services

FORK = multiprocessing.get_context("fork")


def busy() -> bool:
    """Whether this process's one is still at work."""
    return bool(multiprocessing.active_children())


def tend_apart(current: Services, attachment_id: int) -> None:
    """Begin; what comes of it is in the file's row, also if it comes to nothing."""
    FORK.Process(target=_alone, args=(current, attachment_id), daemon=True).start()


def _alone(current: Services, attachment_id: int) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    current.engine.dispose(close=False)  # those connections are the parent's
    with broker.at_most(JOB_TIMEOUT[FILES]):
        tend(attachment_id)
