"""The inbox: every event a row before anything is done with it, in one commit, duplicates refused by an index."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import structlog
from prometheus_client import Counter
from sqlalchemy import Select, Update, bindparam, case, exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from bot import conversations, db, deadlines, journal, people
from bot.broker import Broker
from bot.clock import after, now
from bot.messages import Inbound, printable
from bot.models import Conversation, Event
from bot.ports import Channel
from bot.services import Address, Services
from bot.transactions import transact

EVENT_LIMIT = 1_000_000
PATIENCE = 1.2  # seconds to wait for locks: LINE waits two for its 200, and delivers again after a 503
WAKE_FIRST = timedelta(seconds=2)  # whoever stores an event wakes a worker; the sweeper only after that
WAKE_AGAIN = 2.0
ENOUGH = 4  # turns in the queue that nobody has begun will find, whatever was stored before they begin
UNSEEN = {"dml_strategy": "core_only"}  # the rows were read in an earlier transaction
REMEMBERED = 100_000
UNUSABLE = 1_000  # as many tries as no setting allows: the turn sets such an event aside at once

Source = tuple[str, str]
"""Its kind (user, group, room) and the platform's id."""

log = structlog.get_logger()
received = Counter("frontline_events_received_total", "Events stored", ["channel"])
duplicates = Counter("frontline_events_duplicate_total", "Events that we had already", ["channel"])


@dataclass(frozen=True)
class Accepted:
    """What became of a webhook call's events."""

    stored: int
    repeated: int


@dataclass(frozen=True)
class Arrived:
    """An event, read, before it is known to which conversation it belongs."""

    fields: dict[str, object]
    source: Source | None = None

    def row(self, account: int, conversation: int | None) -> dict[str, object]:
        return {**self.fields, "account_id": account, "conversation_id": conversation}


def accept(
    services: Services, channel: Channel, account: str, raws: Sequence[dict[str, Any]], request: str
) -> Accepted:
    """Store every event, each for itself, and wake its conversation. Returns after the commit.

    Raises what the database raises: nothing is stored then, and the platform delivers again.
    """
    if not raws:
        return Accepted(0, 0)
    new = _insert(services, channel, account, raws, request)
    received.labels(channel.name).inc(new)
    duplicates.labels(channel.name).inc(len(raws) - new)
    return Accepted(new, len(raws) - new)


def _insert(services: Services, channel: Channel, account: str, raws: Sequence[dict[str, Any]], request: str) -> int:
    """Store the events in one transaction; how many were new."""
    arrived = [_arrived(channel, raw, request) for raw in raws]
    with deadlines.within(PATIENCE + deadlines.GRACE):
        try:
            return _insert_once(services, channel.name, account[:80], arrived)
        except IntegrityError as error:  # an id that we remembered is gone, as after a restore: ask the database again
            log.warning("inbox.forgot_addresses", error=type(error).__name__)
            services.known.clear()
            return _insert_once(services, channel.name, account[:80], arrived)


def _insert_once(services: Services, channel: str, account: str, arrived: Sequence[Arrived]) -> int:
    known = _looked_up(services, channel, account, arrived)

    def store(session: Session) -> tuple[Addresses, int]:
        seen = Addresses(services.known, known)
        account_id = seen.account(session, channel, account)
        rows = [one.row(account_id, seen.conversation(session, account_id, one.source)) for one in arrived]
        rows.sort(key=_place)  # the order in which turns lock conversations
        new = people.insert_missing(session, Event, *rows, returning=(Event.id, Event.conversation_id))
        _wake(services.broker, session, [row.conversation_id for row in new])
        return seen, len(new)

    seen, new = transact(services.sessions, store, PATIENCE)
    seen.keep()
    return new


def _looked_up(services: Services, channel: str, account: str, arrived: Sequence[Arrived]) -> dict[Address, int]:
    """Where those belong that this process has not seen, as far as the database knows.

    Asked before its lock is taken: on SQLite all who write wait for that.
    """
    account_id = services.known.get((channel, account))
    if account_id is None:
        return {}
    sources = {one.source for one in arrived if one.source is not None}
    strange = [source for source in sources if (account_id, *source) not in services.known]
    if not strange:
        return {}
    with db.reading(services.sessions) as session:
        found = {source: conversations.find(session, account_id, *source) for source in strange}
    return {(account_id, *source): known for source, known in found.items() if known is not None}


def _place(row: dict[str, Any]) -> int:
    return row["conversation_id"] or 0


def _wake(broker: Broker, session: Session, found: Sequence[int | None]) -> None:
    """A job each, unless enough of them wait: whoever is at work looks for more by itself."""
    for conversation in dict.fromkeys(found):
        if conversation is not None:
            broker.after_commit(session, "bot.turn.take", conversation, enough=ENOUGH)


class Addresses:
    """Finds accounts and conversations, asking the database only about those that this process has not seen.

    What a transaction found or made is remembered only by `keep`, after its commit.
    """

    def __init__(self, known: dict[Address, int], found: Mapping[Address, int]) -> None:
        self._known = known
        self._found = dict(found)

    def account(self, session: Session, channel: str, external_id: str) -> int:
        return self._look_up((channel, external_id), lambda: people.account_id(session, channel, external_id))

    def conversation(self, session: Session, account: int, source: Source | None) -> int | None:
        """Where an event belongs; None for events about the account itself."""
        if source is None:
            return None
        return self._look_up((account, *source), lambda: _conversation(session, account, *source))

    def keep(self) -> None:
        if len(self._known) > REMEMBERED:
            self._known.clear()
        self._known.update(self._found)

    def _look_up(self, address: Address, ask: Callable[[], int]) -> int:
        known = self._known.get(address) or self._found.get(address)
        if known is None:
            known = self._found[address] = ask()
        return known


def _conversation(session: Session, account: int, kind: str, source: str) -> int:
    person = people.contact_id(session, account, source) if kind == "user" else None
    return conversations.conversation_id(session, account, kind, source, person)


def _arrived(channel: Channel, raw: dict[str, Any], request: str) -> Arrived:
    """An event as it is stored; one that we cannot make sense of is kept too, and never costs its neighbours."""
    try:
        return _read(channel, raw, request)
    except (ValueError, RecursionError) as error:
        log.error("inbox.unreadable", channel=channel.name, error=type(error).__name__)
        return Arrived(_unreadable(channel, raw, request, type(error).__name__))


def _unreadable(channel: Channel, raw: dict[str, Any], request: str, error: str) -> dict[str, object]:
    """What can be kept of an event that is too deep to be written down: its plain fields."""
    text = json.dumps({key: value for key, value in raw.items() if isinstance(value, str | int | float | None)})
    row = _plain(_event_id(channel.event_id(raw), text), "unreadable", text, request)
    return {**row, "state": "set_aside", "error": error}


def _plain(external_id: str, kind: str, raw: str, request: str) -> dict[str, object]:
    """What every row of the inbox begins with."""
    at = now()
    return {
        "external_id": external_id,
        "message_id": None,
        "kind": kind,
        "raw": raw,
        "occurred_at": at,
        "received_at": at,
        "request_id": request,
        "state": "waiting",
        "due_at": at - timedelta(seconds=conversations.CLOCKS_DIFFER),  # new is due, whatever the worker's clock says
        "wake_at": at + WAKE_FIRST,
        "attempts": 0,
        "error": "",
    }


def _read(channel: Channel, raw: dict[str, Any], request: str) -> Arrived:
    text = json.dumps(raw)  # ASCII with escapes: lone surrogates and NULs pass every store
    inbound = channel.normalise(raw)
    row = _plain(_event_id(channel.event_id(raw), text), _short(raw.get("type")), text, request)
    row["message_id"] = inbound.message_id[:80] if inbound.message_id else None
    row["occurred_at"] = inbound.occurred_at or row["occurred_at"]
    if len(text) > EVENT_LIMIT:
        row |= {"attempts": UNUSABLE, "error": f"event of {len(text)} characters, limit {EVENT_LIMIT}"}
    return Arrived(row, _source(inbound))


def _source(inbound: Inbound) -> Source | None:
    """Who or where it came from; None where it is about the account itself."""
    named = inbound.source_kind != "other" and inbound.source_id and len(inbound.source_id) <= 80
    return (inbound.source_kind, str(inbound.source_id)) if named else None


def _event_id(given: str | None, text: str) -> str:
    """The platform's id; without one (or with an absurd one) the content itself tells repeats."""
    return given if given and len(given) <= 80 else hashlib.sha256(text.encode()).hexdigest()


def _short(kind: object) -> str:
    return printable(kind)[:40] if isinstance(kind, str) else "unknown"


def due(session: Session, those: Sequence[int]) -> dict[int, list[Event]]:
    """What may be worked on now in those of the conversations where anything is due, in the customers' order.

    Fragments go with what came after them, but wake nobody by themselves.
    """
    waiting: dict[int | None, list[Event]] = defaultdict(list)
    for event in session.scalars(_in_order(), {"those": those}):
        waiting[event.conversation_id].append(event)
    free = {conversation: _up_to_a_retry(waiting[conversation]) for conversation in those}
    return {one: events for one, events in free.items() if any(event.due_at <= now() for event in events)}


def _up_to_a_retry(events: Sequence[Event]) -> list[Event]:
    """One that waits for its next try holds those behind it: no later message is answered before it."""
    held = next((at for at, event in enumerate(events) if event.attempts and event.due_at > now()), len(events))
    return list(events[:held])


@cache
def _in_order() -> Select[Event]:
    these = Event.conversation_id.in_(bindparam("those", expanding=True))
    return select(Event).where(these, Event.state == "waiting").order_by(Event.occurred_at, Event.id)


def untended(session: Session, lease_seconds: float, limit: int = 50) -> list[int]:
    """Conversations in which something is due and that nobody has leased: new ones, and those of a dead worker."""
    found = session.scalars(_untended(), {"limit": limit, **conversations.freedom(lease_seconds)})
    return list(dict.fromkeys(conversation for conversation in found if conversation is not None))


@cache
def _untended() -> Select[int | None]:
    held = aliased(Event)  # a message that waits for its next try holds those behind it
    retried = (held.conversation_id == Event.conversation_id, held.state == "waiting", held.attempts > 0)
    return (
        select(Event.conversation_id)
        .join(Conversation, Event.conversation_id == Conversation.id)
        .where(Event.state == "waiting", Event.due_at <= bindparam("at"), conversations.free())
        .where(~exists().where(*retried, held.due_at > bindparam("at")))
        .order_by(Event.wake_at)
        .limit(bindparam("limit"))
    )


def finish(session: Session, events: Sequence[Event]) -> None:
    """These are done: their messages, and what they led to, are written in the same transaction."""
    session.execute(_rows(events).values(state="done"), execution_options=UNSEEN)


def postpone(session: Session, events: Sequence[Event], until: datetime, *, attempts: int, error: str = "") -> None:
    """Work on these later; the sweeper wakes a worker then."""
    changes = {"due_at": until, "wake_at": until, "attempts": attempts, "error": error}
    session.execute(_rows(events).values(changes), execution_options=UNSEEN)


def _rows(events: Sequence[Event]) -> Update:
    return update(Event).where(Event.id.in_([event.id for event in events]))


def take_due(session: Session, limit: int) -> list[int]:
    """Conversations for which a worker must be woken; each is handed out once every few seconds.

    What a turn or another ticker is at right now is skipped, so nobody waits and nobody locks another out.
    """
    due = (Event.state == "waiting", Event.wake_at <= now(), Event.conversation_id.is_not(None))
    found = session.execute(
        select(Event.id, Event.conversation_id).where(*due).limit(limit).with_for_update(skip_locked=True)
    ).all()
    if found:
        again = update(Event).where(Event.id.in_([id for id, _ in found])).values(wake_at=after(WAKE_AGAIN))
        session.execute(again, execution_options=UNSEEN)
    return list(dict.fromkeys(conversation for _, conversation in found if conversation is not None))


def pull_in(session: Session) -> None:
    """Make all that waits due now: the machine was away, or its clock was set back."""
    later = (Event.state == "waiting", Event.wake_at > now())
    session.execute(update(Event).where(*later).values(due_at=now(), wake_at=now()), execution_options=UNSEEN)


def file_accountless(session: Session) -> None:
    """Events about an account itself (no person, no group) need no turn: they are kept and done."""
    session.execute(
        update(Event)
        .where(Event.conversation_id.is_(None), Event.state == "waiting", Event.wake_at <= now())
        .values(state=case((Event.attempts == 0, "done"), else_="set_aside"))
    )


def set_aside(session: Session, event_id: int, error: str) -> None:
    """Stop trying: staff see it, the conversation goes on, `frontline replay` runs it again after a fix.

    `error` is what to write where no try has left its own.
    """
    event = session.get_one(Event, event_id)
    event.state, event.error = "set_aside", event.error or error
    journal.write(
        session,
        "event.set_aside",
        conversation_id=event.conversation_id,
        account_id=event.account_id,
        event_id=event.id,
        attempts=min(event.attempts, UNUSABLE),
    )
    log.error("inbox.set_aside", event_id=event.id, conversation_id=event.conversation_id)


def replay(session: Session, broker: Broker, events: Sequence[Event], by: int | None = None) -> int:
    """Run stored raw events again. A message that exists already is not stored twice. Returns how many.

    The journal has who wanted it; nobody where an operator did.
    """
    for event in events:
        place = {"conversation_id": event.conversation_id, "account_id": event.account_id}
        journal.write(session, "event.replayed", **place, user_id=by, event_id=event.id)
        event.state, event.attempts, event.error = "waiting", 0, ""
        event.due_at = event.wake_at = now()
        if event.conversation_id is not None:
            broker.after_commit(session, "bot.turn.take", event.conversation_id)
    return len(events)


def oldest_waiting(session: Session) -> timedelta:
    """Age of the oldest due event that nobody has worked on."""
    oldest = session.scalar(select(func.min(Event.received_at)).where(Event.state == "waiting", Event.due_at <= now()))
    return now() - oldest if oldest else timedelta(0)
