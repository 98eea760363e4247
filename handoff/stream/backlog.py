"""What a stream that resumes has missed."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import now
from bot.models import JournalEntry

OVERLAP = timedelta(seconds=10)
LIMIT = 500
TOLD = JournalEntry.kind.not_in(("user.signed_in", "user.signed_out"))  # these change nothing that a page shows


@dataclass(frozen=True)
class Change:
    """A hint that something happened, to whoever shows it."""

    id: int
    kind: str
    conversation_id: int | None
    message_id: int | None

    def as_event(self) -> str:
        data = {"kind": self.kind, "conversation_id": self.conversation_id, "message_id": self.message_id}
        return f"id: {self.id}\nevent: change\ndata: {json.dumps(data)}\n\n"


@dataclass(frozen=True)
class Backlog:
    """The changes since a cursor; or `reset`: too many to tell, look at everything again."""

    changes: tuple[Change, ...] = ()
    reset: int | None = None

    def as_events(self) -> str:
        if self.reset is not None:
            return f"id: {self.reset}\nevent: reset\ndata: {{}}\n\n"
        return "".join(change.as_event() for change in self.changes)


def of(entry: JournalEntry) -> Change:
    return Change(entry.id, entry.kind, entry.conversation_id, entry.message_id)


def since(session: Session, cursor: int | None) -> Backlog:
    """What happened since the journal entry `cursor`, and shortly before; None: since just now."""
    newest = session.scalar(select(JournalEntry.id).where(TOLD).order_by(JournalEntry.id.desc()).limit(1)) or 0
    seen = session.get(JournalEntry, cursor) if cursor else None
    if cursor is not None and (newest - cursor > LIMIT or (cursor and seen is None)):
        return Backlog(reset=newest)
    start = 0 if cursor == 0 else floor(session, seen.at if seen else now())
    entries = select(JournalEntry).where(JournalEntry.id > start, TOLD).order_by(JournalEntry.id).limit(LIMIT + 1)
    changes = tuple(of(entry) for entry in session.scalars(entries))
    return Backlog(changes) if len(changes) <= LIMIT else Backlog(reset=newest)


def floor(session: Session, at: datetime | None = None) -> int:
    """The id up to which everything was committed by `at` (or now), since no transaction takes that long.

    What was written since does not tell: a lower id may still be on its way.
    """
    settled = select(JournalEntry.id).where(JournalEntry.at < (at or now()) - OVERLAP)
    return session.scalar(settled.order_by(JournalEntry.id.desc()).limit(1)) or 0
