"""Events become messages that people can see; what the customer takes back is forgotten."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.orm import Session

from bot import attachments, journal, manners
from bot.clock import after, now
from bot.messages import Inbound
from bot.models import VOTE, Conversation, Event, Message
from bot.services import Services
from bot.turn import forgetting, overhearing, voting

REPLY_SECONDS = 50.0

Told = dict[tuple[int, str | None], Message]
"""Messages by conversation and the platform's id."""


def record(
    session: Session,
    current: Services,
    conversation: Conversation,
    events: Sequence[Event],
    inbounds: Sequence[Inbound],
    told: Told,
) -> list[Message]:
    """Store the messages of these events, in order; returns the customer's that are there to be answered.

    Between them stand the answers that colleagues gave elsewhere (author agent). They have their ids after the next
    flush. `told` is what we have of the events' messages already.
    """
    stored = [
        message
        for event, inbound in zip(events, inbounds, strict=True)
        if (message := _one(session, current, conversation, event, inbound, told)) is not None
    ]
    return [message for message in stored if message.unsent_at is None]


def told_before(session: Session, due: Mapping[int, Sequence[Event]]) -> Told:
    """What we have already of the messages that these events of conversations bring, edit or take back."""
    found = session.scalars(_known_ones(), _named(due))
    return {(message.conversation_id, message.external_id): message for message in found}


@cache
def _known_ones() -> Select[Message]:
    return select(Message).where(*_among())


def _among() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (
        Message.conversation_id.in_(bindparam("conversations", expanding=True)),
        Message.external_id.in_(bindparam("named", expanding=True)),
    )


def _named(due: Mapping[int, Sequence[Event]]) -> dict[str, list[Any]]:
    names = {event.message_id for events in due.values() for event in events if event.message_id is not None}
    return {"conversations": list(due), "named": list(names | {_whole(name) for name in names})}


def _whole(name: str) -> str:
    """The message of which this may be a further file."""
    return name.partition("#")[0]


def _one(
    session: Session, current: Services, conversation: Conversation, event: Event, inbound: Inbound, told: Told
) -> Message | None:
    match inbound.what:
        case "message":
            return _message(session, current, conversation, event, inbound, told)
        case "edit":
            _edit(session, current, conversation, inbound, told)
        case "unsend":
            forgetting.forget(session, current, conversation, inbound.message_id, told)
        case "unfollow":
            _blocked(session, current, conversation, event)
        case "follow":
            return _followed(session, conversation, event, inbound)
        case "echo":
            return overhearing.overheard(session, conversation, event, inbound, told)
        case "control":
            overhearing.passed(session, conversation, inbound)
        case _:
            journal.write(session, "event.noted", conversation_id=conversation.id, event_id=event.id, type=event.kind)
    return None


def _message(
    session: Session, current: Services, conversation: Conversation, event: Event, inbound: Inbound, told: Told
) -> Message | None:
    """A message is stored once, also when its event is run again. A fresh reply token is kept beside it."""
    known = _known(session, conversation, event, inbound.message_id, told)
    if known is not None:
        if known.unsent_at is not None:
            forgetting.blank(session, conversation, inbound.message_id)
        return known if known.event_id in (event.id, None) else None  # else the platform told it twice
    message = Message(
        conversation_id=conversation.id,
        episode=conversation.episode,
        event_id=event.id,
        author="customer",
        external_id=inbound.message_id,
        **_said(inbound),
        payload=inbound.payload | _labelled(session, current, conversation, inbound),
        occurred_at=event.occurred_at,
    )
    attachments.expect(message)
    session.add(message)
    told[conversation.id, inbound.message_id] = message
    conversation.standby = inbound.standby
    _heard(conversation, event)
    _is_there(conversation, event)
    _keep_token(conversation, event, inbound)
    journal.write(session, "message.received", conversation_id=conversation.id, message_id=message, event_id=event.id)
    return message


def _said(inbound: Inbound) -> dict[str, str]:
    """A tap that says whether an answer helped is told apart, by the words that stood on it."""
    if said := voting.on_button(inbound.payload):
        return {"kind": VOTE, "text": said}
    return {"kind": inbound.kind, "text": inbound.text}


def _labelled(session: Session, current: Services, conversation: Conversation, inbound: Inbound) -> dict[str, str]:
    """What stood on a part of a menu that brings its data alone, while that can be told."""
    if inbound.kind != "postback" or inbound.text:
        return {}
    label = current.wiring.labels.of(session, conversation.account_id).get(str(inbound.payload.get("data")))
    return {"label": label} if label else {}


def _heard(conversation: Conversation, event: Event) -> None:
    """A platform that lets us write for a time counts from when he wrote, however late it told us."""
    at = event.received_at
    if manners.of(conversation.account.channel).window is not None:
        at = min(event.occurred_at, at)
    conversation.last_customer_at = max(conversation.last_customer_at or at, at)


def _is_there(conversation: Conversation, event: Event) -> None:
    """Whoever writes or follows has not blocked us, at that time."""
    person = conversation.identity
    if person is None:
        return
    person.present_at = max(person.present_at or event.occurred_at, event.occurred_at)
    if person.blocked_at and person.blocked_at < event.occurred_at:
        person.blocked_at = None


def _keep_token(conversation: Conversation, event: Event, inbound: Inbound) -> None:
    if inbound.reply_token and not inbound.standby:
        conversation.reply_token = inbound.reply_token
        conversation.reply_until = after(REPLY_SECONDS - (now() - event.received_at).total_seconds())


def taken_back(session: Session, due: Mapping[int, Sequence[Event]]) -> set[tuple[int, str | None]]:
    """Which of these events' messages the customers have taken back already: conversation and the platform's id."""
    return {(conversation, name) for conversation, name in session.execute(_taken_back(), _named(due))}


@cache
def _taken_back() -> Select[int, str | None]:
    return select(Message.conversation_id, Message.external_id).where(*_among(), Message.unsent_at.is_not(None))


def _known(
    session: Session, conversation: Conversation, event: Event, external_id: str | None, told: Told
) -> Message | None:
    """What we have of a message already: its event runs again, or it was taken back before it reached us."""
    if external_id is None:
        return session.scalar(select(Message).where(Message.event_id == event.id))
    whole = told.get((conversation.id, _whole(external_id)))
    if whole is not None and whole.unsent_at is not None:
        return whole
    return told.get((conversation.id, external_id))


def _edit(session: Session, current: Services, conversation: Conversation, inbound: Inbound, told: Told) -> None:
    """The newest wording counts; edits may arrive out of order."""
    message = told.get((conversation.id, inbound.message_id))
    at = inbound.occurred_at or now()
    if message is not None and message.unsent_at is None and at >= message.occurred_at:
        message.text, message.occurred_at = inbound.text, at
        journal.write(session, "message.edited", conversation_id=conversation.id, message_id=message)
        if conversation.owner == "human":
            session.flush()  # it may be as new as its edit
            current.wiring.desk.customer_wrote(session, conversation.id, message.id)


def _blocked(session: Session, current: Services, conversation: Conversation, event: Event) -> None:
    """Nothing is sent to them any more; a late event about a time before they wrote again changes nothing."""
    person = conversation.identity
    if person is None or (person.present_at and event.occurred_at < person.present_at):
        return
    person.blocked_at = event.occurred_at
    conversation.reply_token = conversation.reply_until = None
    journal.write(session, "contact.blocked", conversation_id=conversation.id)
    session.flush()  # the desk reads his cases anew
    current.wiring.desk.blocked(session, conversation.id)


def _followed(session: Session, conversation: Conversation, event: Event, inbound: Inbound) -> Message:
    """Stored as a message, since it is answered; whether he had blocked us, we know better than the platform."""
    person = conversation.identity
    unblocked = person is not None and person.blocked_at is not None
    _is_there(conversation, event)
    if inbound.kind == "postback":  # who taps to begin has written, as the platform counts it
        _heard(conversation, event)
    journal.write(session, "contact.followed", conversation_id=conversation.id)
    _keep_token(conversation, event, inbound)
    known = session.scalar(select(Message).where(Message.event_id == event.id))
    if known is None:
        known = Message(
            conversation_id=conversation.id,
            episode=conversation.episode,
            event_id=event.id,
            author="customer",
            kind="follow",
            payload={"unblocked": unblocked},
            occurred_at=event.occurred_at,
        )
        session.add(known)
    return known
