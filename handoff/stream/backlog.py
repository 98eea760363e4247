"""What a stream that resumes has missed."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import now
from bot.models import JournalEntry
from handoff.company import Stir
from handoff.models import whispers
from handoff.stream.glimpses import KINDS, Glimpse

OVERLAP = timedelta(seconds=10)
LIMIT = 500
TOLD = JournalEntry.kind.not_in(("user.signed_in", "user.signed_out"))  # these change nothing that a page shows


@dataclass(frozen=True)
class Listener:
    """Who reads a stream."""

    user_id: int
    leads: bool
    sign_in: str


@dataclass(frozen=True)
class Company:
    """A hint that somebody came to a case, left it or writes there. Nobody resumes from it."""

    stir: Stir
    id = None

    def is_for(self, listener: Listener) -> bool:
        return listener.user_id in self.stir.to

    def as_event(self, listener: Listener) -> str:
        return self._text

    @cached_property
    def _text(self) -> str:
        return f"event: company\ndata: {json.dumps({'case': self.stir.case})}\n\n"


@dataclass(frozen=True)
class Change:
    """A hint that something happened, to whoever shows it; with `ears` only to these and to those who lead.

    `pause`: milliseconds that a page may let pass before it looks. `case`: which one may have a new place in a list;
    `row` is what is told of it to the sign-ins `eyes`.
    """

    id: int
    kind: str
    conversation_id: int | None
    message_id: int | None
    ears: frozenset[int] | None = None
    case: int | None = None
    pause: int | None = None
    row: Glimpse | None = None
    eyes: frozenset[str] = frozenset()

    def is_for(self, listener: Listener) -> bool:
        return self.ears is None or listener.leads or listener.user_id in self.ears

    def as_event(self, listener: Listener) -> str:
        """Written once, not for each of a thousand streams."""
        return self._with_row if self.row and listener.sign_in in self.eyes else self._plain

    @cached_property
    def _plain(self) -> str:
        return self._written({})

    @cached_property
    def _with_row(self) -> str:
        return self._written({"row": self.row})

    def _written(self, more: dict[str, Any]) -> str:
        data = {"kind": self.kind, "conversation_id": self.conversation_id, "message_id": self.message_id, **more}
        paced = data if self.pause is None else data | {"pause": self.pause}
        return f"id: {self.id}\nevent: change\ndata: {json.dumps(paced)}\n\n"


News = Change | Company


@dataclass(frozen=True)
class Backlog:
    """The changes since a cursor; or `reset`: too many to tell, look at everything again."""

    changes: tuple[Change, ...] = ()
    reset: int | None = None

    def as_events(self, listener: Listener) -> str:
        if self.reset is not None:
            return f"id: {self.reset}\nevent: reset\ndata: {{}}\n\n"
        return "".join(change.as_event(listener) for change in self.changes if change.is_for(listener))


def of(entry: JournalEntry) -> Change:
    ears = frozenset({entry.user_id or 0, entry.data["to_user"]}) if entry.kind == whispers.TOLD else None
    case = entry.data.get("ticket_id") if entry.kind in KINDS else None
    return Change(entry.id, entry.kind, entry.conversation_id, entry.message_id, ears, case)


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
