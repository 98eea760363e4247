"""While a turn thinks: its leases are kept, and after a second the customer sees that we are at it."""

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot import conversations
from bot.services import Services
from bot.turn.taking import Batch

PATIENCE = 1.0
SHOWN_SECONDS = 20
LONGEST = 30.0  # what thinks for longer than a job may take is stuck: somebody else shall have the conversation
BEATS = 3  # renewals that fit into a lease: two may fail

log = structlog.get_logger()


@contextlib.contextmanager
def attended(current: Services, batches: Sequence[Batch]) -> Iterator[None]:
    """Look after the batches' conversations in a thread, for as long as the work inside takes."""
    over = threading.Event()
    threading.Thread(target=_attend, args=(current, batches, over), daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _attend(current: Services, batches: Sequence[Batch], over: threading.Event) -> None:
    if over.wait(PATIENCE):
        return
    # by itself: a slow platform must not cost the lease
    threading.Thread(target=_show, args=(current, batches, over), daemon=True).start()
    ends = time.monotonic() + LONGEST
    while not over.wait(current.settings.lease_seconds / BEATS) and time.monotonic() < ends:
        _renew(current, batches)


def _show(current: Services, batches: Sequence[Batch], over: threading.Event) -> None:
    for batch in batches:
        if over.is_set():
            return
        channel = current.wiring.channels.get(batch.conversation.account.channel)
        if channel is not None and batch.conversation.owner == "bot" and not batch.conversation.standby:
            channel.show_loading(batch.recipient, SHOWN_SECONDS)


def _renew(current: Services, batches: Sequence[Batch]) -> None:
    try:
        with current.sessions.begin() as session:
            for batch in sorted(batches, key=lambda batch: batch.id):  # as all lock conversations
                conversations.renew(session, batch.held, current.settings.lease_seconds)
    except SQLAlchemyError as error:  # the next beat tries again; if none succeeds, the fence decides
        log.warning("turn.not_renewed", error=type(error).__name__)
