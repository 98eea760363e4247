"""One turn of a conversation: everything that waits, in order, judged together, answered once.

`take` is the RQ job. It works under a lease; its writes are one transaction that begins with the fence, so what a
worker computes after it has lost the conversation is never written. Then it sends, with no transaction open.
"""

import json
from collections.abc import Sequence

import structlog
from prometheus_client import Histogram

from bot import conversations, db, inbox, outbox, services
from bot.clock import after, now
from bot.conversations import Lease
from bot.dialogue import is_unfinished
from bot.errors import LeaseLost
from bot.messages import Inbound
from bot.models import Conversation, Event
from bot.services import Services
from bot.turn import profile, recording, responding
from bot.turn.judging import judge
from bot.turn.loading import loading_animation

log = structlog.get_logger()
duration = Histogram("frontline_turn_seconds", "From taking a conversation's events to the commit of the answer")


def take(conversation_id: int) -> None:
    """Work on a conversation until nothing is due; returns at once where another worker has it."""
    current = services.current()
    with structlog.contextvars.bound_contextvars(conversation_id=conversation_id):
        _drain(current, conversation_id)


def _drain(current: Services, conversation_id: int) -> None:
    while held := _lease(current, conversation_id):
        try:
            while (batch := _next_batch(current, held)) and _work(current, held, batch):
                pass
        except LeaseLost:
            log.warning("turn.lease_lost")
            return
        finally:
            _release(current, held)
        with db.reading(current.sessions) as session:
            if not inbox.has_due(session, conversation_id):
                return


def _lease(current: Services, conversation_id: int) -> Lease | None:
    with current.sessions.begin() as session:
        return conversations.lease(session, conversation_id, current.settings.lease_seconds)


def _release(current: Services, held: Lease) -> None:
    with current.sessions.begin() as session:
        conversations.release(session, held)


def _next_batch(current: Services, held: Lease) -> list[Event]:
    """The events of the next turn.

    Every try is counted before the work, so that a message that kills its worker is set aside in the end. After a
    failure, events are tried one by one: the healthy neighbours of a poison event are answered.
    """
    with current.sessions.begin() as session:
        conversations.renew(session, held, current.settings.lease_seconds)
        events = inbox.waiting(session, held.conversation_id)
        if any(event.attempts for event in events):
            events = events[:1]
        for event in events:
            event.attempts += 1
        return events


def _still_writing(current: Services, held: Lease, events: Sequence[Event], inbounds: Sequence[Inbound]) -> bool:
    """Whether these are only fragments, meant for the bot, and the customer has not had the time to go on."""
    waited = now() - min(event.received_at for event in events)
    if waited.total_seconds() * 1000 >= current.settings.fragment_wait_ms:
        return False
    if not all(i.what == "message" and i.kind == "text" for i in inbounds):
        return False
    if not is_unfinished("\n".join(i.text for i in inbounds)):
        return False
    with db.reading(current.sessions) as session:
        return session.get_one(Conversation, held.conversation_id).owner == "bot"


def _read(current: Services, held: Lease, events: Sequence[Event]) -> list[Inbound]:
    """The events as their channel reads them."""
    with db.reading(current.sessions) as session:
        name = session.get_one(Conversation, held.conversation_id).account.channel
    return [current.wiring.channels[name].normalise(json.loads(event.raw)) for event in events]


def _work(current: Services, held: Lease, events: list[Event]) -> bool:
    """Do a batch; False while its customer is still writing.

    A failure sends it back with a growing pause; too many failures set it aside for a person.
    """
    if any(event.attempts > current.settings.turn_attempts for event in events):
        _set_aside(current, held, events)
        return True
    try:
        inbounds = _read(current, held, events)
        if _still_writing(current, held, events, inbounds):
            _wait(current, held, events)
            return False
        with duration.time(), loading_animation(current, held.conversation_id):
            _answer(current, held, events, inbounds)
    except LeaseLost:
        raise
    except Exception as error:  # a message must not be lost, whatever is wrong with it or with us
        log.exception("turn.failed", event_ids=[event.id for event in events])
        _try_later(current, held, events, error)
        return True
    outbox.deliver(held.conversation_id)
    return True


def _wait(current: Services, held: Lease, events: Sequence[Event]) -> None:
    """Look again when the customer has had the time to go on; that was no try."""
    with current.sessions.begin() as session:
        conversations.renew(session, held, current.settings.lease_seconds)
        rows = [session.get_one(Event, event.id) for event in events]
        inbox.postpone(rows, after(current.settings.fragment_wait_ms / 1000))
        for row in rows:
            row.attempts = 0


def _answer(current: Services, held: Lease, events: list[Event], inbounds: list[Inbound]) -> None:
    profile.fetch_if_new(current, held.conversation_id)
    judgement = judge(current, held.conversation_id, inbounds)
    with current.sessions.begin() as session:
        conversations.renew(session, held, current.settings.lease_seconds)
        conversation = session.get_one(Conversation, held.conversation_id)
        messages = recording.record(session, current, conversation, events, inbounds)
        responding.respond(session, current, conversation, messages, judgement)
        for event in events:
            session.get_one(Event, event.id).state = "done"
        current.broker.wake_after_commit(session)


def _try_later(current: Services, held: Lease, events: list[Event], error: Exception) -> None:
    with current.sessions.begin() as session:
        conversations.renew(session, held, current.settings.lease_seconds)
        for event in events:
            row = session.get_one(Event, event.id)
            row.error = type(error).__name__
            inbox.postpone([row], after(2.0 ** (row.attempts - 1)))


def _set_aside(current: Services, held: Lease, events: list[Event]) -> None:
    """The events rest for staff, and the customer gets a person instead of silence."""
    with current.sessions.begin() as session:
        conversations.renew(session, held, current.settings.lease_seconds)
        for event in events:
            row = session.get_one(Event, event.id)
            inbox.set_aside(session, row, row.error or "its worker died each time")
        responding.hand_over_trouble(session, current, session.get_one(Conversation, held.conversation_id))
    outbox.deliver(held.conversation_id)
