"""What happened behind a message on the phone: read from the engine's own records, never guessed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.models import Event, JournalEntry, Message, OutboxRow
from bot.simulator.store import Delivery

RESTING = ("sent", "unknown", "failed", "cancelled")
TURN = {
    "turn.understood": "understood",
    "turn.decided": "decided",
    "ticket.opened": "opened",
    "ticket.reopened": "reopened",
    "ticket.customer_wrote": "with_person",
}


@dataclass(frozen=True)
class Step:
    """One hop of a message: what, when, and the facts to say about it."""

    kind: str
    at: datetime
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Trace:
    """The steps so far; `finished` when nothing more is expected."""

    steps: tuple[Step, ...]
    finished: bool


def follow(session: Session, delivery: Delivery) -> Trace:
    """The way of a phone's event through the engine, as far as it has come."""
    event = session.scalar(select(Event).where(Event.external_id == delivery.event_id))
    if event is None:
        facts = {"answer": delivery.answer, "attempts": delivery.attempts}
        return Trace((Step("waiting", delivery.created_at, facts),), delivery.state == "given_up")
    received = Step("received", delivery.posted_at or event.received_at)
    stored = Step("stored", event.received_at)
    turn = _turn(session, event)
    told = _told(turn)
    spoken, resting = _spoken(session, turn)
    return Trace((received, stored, *told, *spoken), event.state != "waiting" and resting)


def _turn(session: Session, event: Event) -> Sequence[JournalEntry]:
    """The journal of the turn that took this event: a turn is one transaction, its entries stand together."""
    ours = select(JournalEntry).where(JournalEntry.conversation_id == event.conversation_id).order_by(JournalEntry.id)
    since = session.scalars(ours.where(JournalEntry.at >= event.received_at).limit(200)).all()
    start = next((at for at, entry in enumerate(since) if _records(entry, event)), None)
    return [] if start is None else list(_until_next_turn(since[start:]))


def _records(entry: JournalEntry, event: Event) -> bool:
    return entry.data.get("event_id") == event.id


def _until_next_turn(entries: Sequence[JournalEntry]) -> Iterator[JournalEntry]:
    """What waited together is recorded first and answered once: the next recording ends it."""
    answered = False
    for entry in entries:
        recording = entry.kind == "message.received"
        if recording and answered:
            return
        answered = answered or not recording
        yield entry


def _told(turn: Sequence[JournalEntry]) -> list[Step]:
    return [Step(TURN[entry.kind], entry.at, entry.data) for entry in turn if entry.kind in TURN]


def _spoken(session: Session, turn: Sequence[JournalEntry]) -> tuple[list[Step], bool]:
    """What the bot said in this turn, and whether all of it has come to rest."""
    queued = [entry.message_id for entry in turn if entry.kind == "message.queued" and entry.user_id is None]
    rows = select(OutboxRow).join(Message).where(OutboxRow.message_id.in_(queued)).order_by(OutboxRow.id)
    found = session.scalars(rows).all()
    if not found:
        return [], True
    written = Step("written", found[0].created_at, {"count": len(found)})
    last = max(found, key=lambda row: row.sent_at or row.created_at)
    if not all(row.state in RESTING for row in found):
        return [written], False
    facts = {"via": last.via, "count": len(found), "attempts": last.attempts}
    return [written, Step(last.state, last.sent_at or last.due_at, facts)], True
