"""What the database says happened, read once everything is quiet, by customer."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot import db
from bot.models import Conversation, Event, JournalEntry, Message, OutboxRow
from bot.settings import Settings
from handoff.models import Ticket


@dataclass
class Thread:
    """Everything about one customer's conversation, in the order of the ids."""

    conversation: Conversation
    events: list[Event] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    outbox: list[OutboxRow] = field(default_factory=list)
    journal: list[JournalEntry] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)

    def entries(self, kind: str) -> list[JournalEntry]:
        return [entry for entry in self.journal if entry.kind == kind]

    def told(self) -> list[str]:
        """The journal, one line an entry, for whoever must find out what went wrong."""
        return [
            f"{entry.at:%H:%M:%S.%f} {entry.kind} message={entry.message_id} {entry.data}" for entry in self.journal
        ]


def read(settings: Settings) -> dict[str, Thread]:
    """The threads of all customers, by their id on LINE."""
    engine = db.connect(settings)
    try:
        with db.reading(db.sessions(engine)) as session:
            return _threads(session)
    finally:
        engine.dispose()


def _threads(session: Session) -> dict[str, Thread]:
    threads = {row.id: Thread(row) for row in session.scalars(select(Conversation))}
    parts: defaultdict[str, list[Event | Message | OutboxRow | JournalEntry | Ticket]] = defaultdict(list)
    for name, table in PARTS.items():
        parts[name] = list(session.scalars(select(table).order_by(table.id)))
        for row in parts[name]:
            if row.conversation_id in threads:
                getattr(threads[row.conversation_id], name).append(row)
    return {thread.conversation.source_id: thread for thread in threads.values()}


PARTS = {"events": Event, "messages": Message, "outbox": OutboxRow, "journal": JournalEntry, "tickets": Ticket}


def unfinished(settings: Settings) -> int:
    """How many events wait, and messages that are still to be said."""
    engine = db.connect(settings)
    try:
        with db.reading(db.sessions(engine)) as session:
            return _count(session, Event, ("waiting",)) + _count(session, OutboxRow, ("queued", "sending"))
    finally:
        engine.dispose()


def _count(session: Session, table: type[Event] | type[OutboxRow], states: Iterable[str]) -> int:
    return session.scalar(select(func.count()).select_from(table).where(table.state.in_(states))) or 0
