"""What customers meant, told by themselves: who taps a clarifying button labels the message that was not understood.

Content staff read these labels and make examples of them; nothing learns from them unseen.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import journal
from bot.models import Conversation, JournalEntry, Message
from bot.turn import remembering

LABELLED = "turn.labelled"


@dataclass(frozen=True)
class Label:
    """A message, in the customer's words, and the intent that he chose for it; `id` is its journal entry's."""

    id: int
    at: datetime
    message_id: int
    text: str
    intent: str
    offered: tuple[str, ...]


def remember(session: Session, conversation: Conversation, text: str) -> None:
    """If `text` is what stands on one of the buttons that we offered last, it says what was meant."""
    doubt = remembering.doubt(conversation)
    if doubt is None or text.strip() not in doubt["offered"]:
        return
    offered = doubt["offered"]
    journal.write(
        session,
        LABELLED,
        conversation_id=conversation.id,
        message_id=doubt["message_id"],
        intent=offered[text.strip()],
        offered=list(offered.values()),
    )


def labels(session: Session, *, after: int = 0, limit: int = 100) -> list[Label]:
    """Labels given after a journal entry, oldest first; not of messages that were taken back."""
    entries = (
        select(JournalEntry, Message.text)
        .join(Message, Message.id == JournalEntry.message_id)
        .where(JournalEntry.kind == LABELLED, JournalEntry.id > after, Message.unsent_at.is_(None))
        .order_by(JournalEntry.id)
        .limit(limit)
    )
    return [
        Label(entry.id, entry.at, entry.message_id or 0, text, entry.data["intent"], tuple(entry.data["offered"]))
        for entry, text in session.execute(entries)
    ]
