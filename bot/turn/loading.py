"""The waiting animation, for turns that take longer than a second."""

import contextlib
import threading
from collections.abc import Iterator

from bot import db, outbox
from bot.models import Conversation
from bot.services import Services

PATIENCE = 1.0
SHOWN_SECONDS = 20


@contextlib.contextmanager
def loading_animation(current: Services, conversation_id: int) -> Iterator[None]:
    """Show the customer that we are at it, if the work inside is still going on after a second."""
    timer = threading.Timer(PATIENCE, _show, (current, conversation_id))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _show(current: Services, conversation_id: int) -> None:
    with db.reading(current.sessions) as session:
        conversation = session.get_one(Conversation, conversation_id)
        if conversation.owner == "human" or conversation.standby:
            return
        channel, recipient = current.wiring.channels[conversation.account.channel], outbox.recipient(conversation)
    channel.show_loading(recipient, SHOWN_SECONDS)
