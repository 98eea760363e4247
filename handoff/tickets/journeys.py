"""The way of one message through the house, read from the journal: which station it passed, when, and by whom."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.models import Event, JournalEntry, Message, User
from handoff.tickets import records

STATIONS = (
    "received",
    "stored",
    "understood",
    "decided",
    "ticketed",
    "assigned",
    "notified",
    "seen",
    "answered",
)
TAKEN = ("ticket.assigned", "ticket.claimed")
CHANGES_HANDS = (*TAKEN, "ticket.requeued", "ticket.reopened")
JOINED = ("ticket.customer_wrote", "ticket.joined")
AFTER = 500  # entries that are looked at
Passed = tuple[datetime, int | None]  # when, and by whom


@dataclass(frozen=True)
class Stop:
    """A station with the time at which the message passed it (None: not yet, or never had to), and who was there."""

    station: str
    at: datetime | None = None
    who: str = ""


def of(session: Session, message_id: int) -> list[Stop]:
    """Every station in order, for a customer's message."""
    message = session.get_one(Message, message_id)
    event = session.get(Event, message.event_id) if message.event_id else None
    entries = _entries(session, message)
    ticketed = next((one for one in entries if _takes(one, message)), None)
    passed: dict[str, Passed] = {"stored": (message.created_at, None)}
    for station, wanted in _wanted(message, ticketed).items():
        entry = next((one for one in entries if wanted(one)), None)
        if entry is not None:
            passed[station] = entry.at, _taker(entry) if station == "assigned" else entry.user_id
    passed["received"] = event.received_at if event else message.occurred_at, None
    if ticketed is not None and (owner := _owner(session, ticketed)):
        passed["assigned"] = ticketed.at, owner
    return _stops(session, passed)


def _takes(entry: JournalEntry, message: Message) -> bool:
    """Whether by this the message got on a case: on one that was there, or the one that was opened for it.

    Colleagues open cases too, but not for a message.
    """
    if entry.kind == "ticket.opened" and entry.user_id is None:
        return entry.conversation_id == message.conversation_id and entry.at >= message.created_at
    return entry.kind in JOINED and entry.message_id == message.id


def _wanted(message: Message, ticketed: JournalEntry | None) -> dict[str, Callable[[JournalEntry], bool]]:
    """By station: what in the journal says that the message passed it; the first such entry counts."""

    def about(kind: str) -> Callable[[JournalEntry], bool]:
        return lambda entry: entry.kind == kind and entry.message_id == message.id

    def then(*kinds: str) -> Callable[[JournalEntry], bool]:
        """What happened to its case from there on."""
        return lambda entry: (
            ticketed is not None
            and entry.kind in kinds
            and entry.id > ticketed.id
            and entry.data.get("ticket_id") == ticketed.data["ticket_id"]
        )

    def answered(entry: JournalEntry) -> bool:
        here = entry.conversation_id == message.conversation_id and entry.at >= message.created_at
        return then("ticket.replied")(entry) or (entry.kind == "turn.answered" and here)

    return {
        "stored": about("message.received"),
        "understood": about("turn.understood"),
        "decided": about("turn.decided"),
        "ticketed": lambda entry: entry is ticketed,
        "assigned": then(*TAKEN),
        "notified": then("notice.told"),
        "seen": lambda entry: then("ticket.seen")(entry) and (entry.message_id or 0) >= message.id,
        "answered": answered,
    }


def _entries(session: Session, message: Message) -> Sequence[JournalEntry]:
    """What happened since then where it was written, and where the cases are that it may have joined."""
    cases = records.tickets_of(session, message.conversation_id)
    around = select(JournalEntry).where(
        JournalEntry.conversation_id.in_({message.conversation_id, *(case.conversation_id for case in cases)}),
        (JournalEntry.at >= message.created_at) | (JournalEntry.message_id == message.id),
    )
    return session.scalars(around.order_by(JournalEntry.id).limit(AFTER)).all()


def _owner(session: Session, ticketed: JournalEntry) -> int | None:
    """Who had the case already when the message got on it."""
    earlier = select(JournalEntry).where(
        JournalEntry.conversation_id == ticketed.conversation_id,
        JournalEntry.id < ticketed.id,
        JournalEntry.kind.in_(CHANGES_HANDS),
        JournalEntry.data["ticket_id"].as_integer() == ticketed.data["ticket_id"],
    )
    last = session.scalar(earlier.order_by(JournalEntry.id.desc()).limit(1))
    return _taker(last) if last else None


def _taker(entry: JournalEntry) -> int | None:
    """Who has the case from this entry on; nobody where it went to a queue."""
    taker: int | None = entry.user_id if entry.kind == "ticket.claimed" else entry.data.get("to_user")
    return taker


def _stops(session: Session, passed: Mapping[str, Passed]) -> list[Stop]:
    ids = {user for _, user in passed.values() if user}
    names = {user.id: user.name for user in session.scalars(select(User).where(User.id.in_(ids)))}
    return [
        Stop(station, passed[station][0], names.get(passed[station][1] or 0, ""))
        if station in passed
        else Stop(station)
        for station in STATIONS
    ]
