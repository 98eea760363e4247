"""While a turn thinks: its lease is kept, and after a second the customer sees that we are at it."""

import contextlib
import threading
from collections.abc import Iterator

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot import conversations
from bot.services import Services
from bot.turn.taking import Batch

PATIENCE = 1.0
SHOWN_SECONDS = 20
BEATS = 3  # renewals that fit into a lease: two may fail

log = structlog.get_logger()


@contextlib.contextmanager
def attended(current: Services, batch: Batch) -> Iterator[None]:
    """Look after the batch's conversation in a thread, for as long as the work inside takes."""
    over = threading.Event()
    threading.Thread(target=_attend, args=(current, batch, over), daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _attend(current: Services, batch: Batch, over: threading.Event) -> None:
    if over.wait(PATIENCE):
        return
    threading.Thread(target=_show, args=(batch,), daemon=True).start()  # a slow platform must not cost the lease
    while not over.wait(current.settings.lease_seconds / BEATS):
        _renew(current, batch)


def _show(batch: Batch) -> None:
    if batch.conversation.owner == "bot" and not batch.conversation.standby:
        batch.channel.show_loading(batch.recipient, SHOWN_SECONDS)


def _renew(current: Services, batch: Batch) -> None:
    try:
        with current.sessions.begin() as session:
            conversations.renew(session, batch.held, current.settings.lease_seconds)
    except SQLAlchemyError as error:  # the next beat tries again; if none succeeds, the fence decides
        log.warning("turn.not_renewed", conversation_id=batch.held.conversation_id, error=type(error).__name__)
