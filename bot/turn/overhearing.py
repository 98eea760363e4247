"""What is said in our name past us, in the platform's own inbox or by another program; who holds the conversation."""

from collections.abc import MutableMapping

from sqlalchemy.orm import Session

from bot import attachments, journal, outbox
from bot.clock import now
from bot.messages import Inbound
from bot.models import Conversation, Event, Message
from bot.nlu.verdict import Judgement
from bot.services import Services
from bot.turn import explaining, remembering

Told = MutableMapping[tuple[int, str | None], Message]


def overheard(
    session: Session, conversation: Conversation, event: Event, inbound: Inbound, told: Told
) -> Message | None:
    """An echo: of ours it proves that it went out; what somebody else said is shown. A person's answer is returned.

    Standby, and another platform module answers: then nobody here has to do with it.
    """
    known = told.get((conversation.id, inbound.message_id))
    if known is not None or _ours(session, conversation, inbound):
        return None
    conversation.standby = inbound.standby
    message = _stored(session, conversation, event, inbound, told)
    return message if inbound.author == "agent" and not inbound.standby else None


def unanswered(
    session: Session,
    current: Services,
    conversation: Conversation,
    messages: list[Message],
    judgement: Judgement | None,
) -> list[Message]:
    """The customer's messages that no colleague answered elsewhere: whose answer came after them has seen them."""
    answers = [at for at, message in enumerate(messages) if message.author == "agent"]
    if not answers:
        return messages
    learned = explaining.learned(judgement) if judgement is not None else None
    if judgement is not None and messages[0].author == "customer" and conversation.owner == "bot":
        remembering.learn(conversation, explaining.facts(judgement.whole.understanding), now())
        explaining.explain(session, conversation, messages[0], judgement)
    for message in messages[: answers[-1] + 1]:
        if message.author == "agent":
            current.wiring.desk.staff_wrote(session, conversation.id, message.id, learned)
        elif conversation.owner == "human":
            current.wiring.desk.customer_wrote(session, conversation.id, message.id, learned)
    return messages[answers[-1] + 1 :]


def passed(session: Session, conversation: Conversation, inbound: Inbound) -> None:
    """The platform gave the conversation to somebody else, or back to us."""
    conversation.standby = inbound.standby
    kind = "conversation.held_elsewhere" if inbound.standby else "conversation.ours_again"
    journal.write(session, kind, conversation_id=conversation.id)


def _ours(session: Session, conversation: Conversation, inbound: Inbound) -> bool:
    if inbound.author == "bot":  # also where we know of no such message: then another of our programs sent it
        outbox.arrived(session, conversation.id, inbound.key, inbound.message_id)
        return True
    return outbox.recognised(session, conversation.id, inbound.text, inbound.message_id)


def _stored(session: Session, conversation: Conversation, event: Event, inbound: Inbound, told: Told) -> Message:
    message = Message(
        conversation_id=conversation.id,
        episode=conversation.episode,
        event_id=event.id,
        author=inbound.author,
        external_id=inbound.message_id,
        kind=inbound.kind,
        text=inbound.text,
        payload=inbound.payload | {"past_us": True},
        occurred_at=event.occurred_at,
    )
    attachments.expect(message)
    session.add(message)
    told[conversation.id, inbound.message_id] = message
    journal.write(session, "message.overheard", conversation_id=conversation.id, message_id=message, event_id=event.id)
    return message
