"""Why the bot said what it said: what it understood of the message before, what it decided, whence the answer is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.models import JournalEntry, Message
from handoff.console.items import Burst, Item

UNDERSTOOD, DECIDED, ANSWERED = "turn.understood", "turn.decided", "turn.answered"
DOUBTED = "answer.doubted"


@dataclass(frozen=True)
class Ground:
    """`message_id` is the customer's; `source` the article that was said, if one was; `doubted`: by a colleague."""

    message_id: int
    understood: Mapping[str, Any]
    decided: Mapping[str, Any]
    source: str
    doubted: bool = False


def load(session: Session, items: Sequence[Item]) -> dict[int, Ground]:
    """Of each message of the bot's that answered one of the customer's, by its id."""
    messages = [message for item in items if isinstance(item, Burst) for message in item.messages]
    told = _told(session, messages)
    found: dict[int, Ground] = {}
    asked = 0
    for message in messages:
        if (message.id, DECIDED) in told:
            asked = message.id
        elif message.author == "agent":
            asked = 0  # what the bot says from here on answers nothing that stands before it
        elif message.author in ("bot", "system") and asked:
            source = told.get((message.id, ANSWERED), {}).get("source", "")
            seen, doubted = told.get((asked, UNDERSTOOD), {}), (asked, DOUBTED) in told
            found[message.id] = Ground(asked, seen, told[asked, DECIDED], source, doubted)
    return found


def of(session: Session, message: Message) -> Ground | None:
    """How one message of the customer's was judged, if it was."""
    told = _told(session, [message])
    decided = told.get((message.id, DECIDED))
    return Ground(message.id, told.get((message.id, UNDERSTOOD), {}), decided, "") if decided else None


def _told(session: Session, messages: Sequence[Message]) -> dict[tuple[int, str], dict[str, Any]]:
    """What the journal tells of these; by their conversations, since by those it can be looked up."""
    about = select(JournalEntry).where(
        JournalEntry.conversation_id.in_({message.conversation_id for message in messages}),
        JournalEntry.message_id.in_([message.id for message in messages]),
        JournalEntry.kind.in_((UNDERSTOOD, DECIDED, ANSWERED, DOUBTED)),
    )
    entries = session.scalars(about.order_by(JournalEntry.id))
    return {(entry.message_id or 0, entry.kind): entry.data for entry in entries}
