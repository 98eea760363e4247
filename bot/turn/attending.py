"""While a turn thinks: its lease is kept, and after a second the customer sees that we are at it."""

import contextlib
import threading
import time
from collections.abc import Iterator

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot import conversations
from bot.ports import Channel
from bot.services import Services
from bot.turn.taking import Batch

PATIENCE = 1.0
SHOWN_SECONDS = 20
LONGEST = 30.0  # what thinks for longer than a job may take is stuck: somebody else shall have the conversation
BEATS = 3  # renewals that fit into a lease: two may fail

log = structlog.get_logger()


@contextlib.contextmanager
def attended(current: Services, batch: Batch, channel: Channel) -> Iterator[None]:
    """Look after the batch's conversation in a thread, for as long as the work inside takes."""
    over = threading.Event()
    threading.Thread(target=_attend, args=(current, batch, channel, over), daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _attend(current: Services, batch: Batch, channel: Channel, over: threading.Event) -> None:
    if over.wait(PATIENCE):
        return
    threading.Thread(
        target=_show, args=(batch, channel), daemon=True
    ).start()  # a slow platform must not cost the lease
    ends = time.monotonic() + LONGEST
    while not over.wait(current.settings.lease_seconds / BEATS) and time.monotonic() < ends:
        _renew(current, batch)


def _show(batch: Batch, channel: Channel) -> None:
    if batch.conversation.owner == "bot" and not batch.conversation.standby:
        channel.show_loading(batch.recipient, SHOWN_SECONDS)


def _renew(current: Services, batch: Batch) -> None:
    try:
        with current.sessions.begin() as session:
            conversations.renew(session, batch.held, current.settings.lease_seconds)
    except SQLAlchemyError as error:  # the next beat tries again; if none succeeds, the fence decides
        log.warning("turn.not_renewed", conversation_id=batch.held.conversation_id, error=type(error).__name__)
