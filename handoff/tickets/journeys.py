"""The way of one message through the house, read from the journal: which station it passed, when, and by whom."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.models import Event, JournalEntry, Message, User

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
TICKETED = ("ticket.opened", "ticket.customer_wrote", "ticket.joined")
ANSWERED = ("ticket.replied", "turn.answered")
AFTER = 500  # entries of the conversation that are looked at


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
    names = _names(session, entries)
    found = {"received": Stop("received", event.received_at if event else message.occurred_at)}
    for station, wanted in _wanted(message).items():
        entry = next((one for one in entries if wanted(one)), None)
        if entry is not None:
            found[station] = Stop(station, entry.at, names.get(entry.user_id or 0, ""))
    found.setdefault("stored", Stop("stored", message.created_at))
    return [found.get(station, Stop(station)) for station in STATIONS]


def _wanted(message: Message) -> dict[str, Callable[[JournalEntry], bool]]:
    """By station: what in the journal says that the message passed it; the first such entry counts."""

    def about(*kinds: str) -> Callable[[JournalEntry], bool]:
        return lambda entry: entry.kind in kinds and entry.message_id == message.id

    def after(*kinds: str) -> Callable[[JournalEntry], bool]:
        return lambda entry: entry.kind in kinds and entry.at >= message.created_at

    def seen(entry: JournalEntry) -> bool:
        return entry.kind == "ticket.seen" and (entry.message_id or 0) >= message.id

    return {
        "stored": about("message.received"),
        "understood": about("turn.understood"),
        "decided": about("turn.decided"),
        "ticketed": lambda entry: about(*TICKETED)(entry) or after("ticket.opened")(entry),
        "assigned": after(*TAKEN),
        "notified": after("notice.told"),
        "seen": seen,
        "answered": after(*ANSWERED),
    }


def _entries(session: Session, message: Message) -> Sequence[JournalEntry]:
    around = select(JournalEntry).where(
        JournalEntry.conversation_id == message.conversation_id,
        (JournalEntry.at >= message.created_at) | (JournalEntry.message_id == message.id),
    )
    return session.scalars(around.order_by(JournalEntry.id).limit(AFTER)).all()


def _names(session: Session, entries: Sequence[JournalEntry]) -> dict[int, str]:
    ids = {entry.user_id for entry in entries if entry.user_id}
    return {user.id: user.name for user in session.scalars(select(User).where(User.id.in_(ids)))}
