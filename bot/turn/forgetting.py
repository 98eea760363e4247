"""What a customer takes back is gone everywhere; that something was there, and when it was taken back, stays."""

import json
import re
from collections.abc import Iterable, MutableMapping, Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from bot import attachments, journal, proving
from bot.clock import now
from bot.language import veiled
from bot.models import Conversation, Event, Message
from bot.services import Services
from bot.turn import intakes, remembering
from bot.turn.answering import QUOTED

Told = MutableMapping[tuple[int, str | None], Message]
BLANK = "{}"
OURS = ("bot", "system")  # who repeats a customer's words without having read them
QUOTES = re.compile(rf"[「“]([^」”]{{2,{QUOTED}}})[」”]")


def forget(session: Session, current: Services, conversation: Conversation, message_id: str | None, told: Told) -> None:
    """Taken back: the words go, from the message, from the raw event, and from whatever was made of them."""
    for part in _parts(session, conversation, message_id):
        _gone(session, current, conversation, part)
    message = told.get((conversation.id, message_id))
    if message is None:
        message = Message(
            conversation_id=conversation.id,
            episode=conversation.episode,
            author="customer",
            external_id=message_id,
            kind="unknown",
        )
        session.add(message)
        told[conversation.id, message_id] = message
    _gone(session, current, conversation, message)


def blank(session: Session, conversation: Conversation, message_id: str | None) -> None:
    """Nothing of what was taken back stays in the raw events, whatever became of them: original, edits, repeats."""
    if message_id is not None:
        about = (Event.conversation_id == conversation.id, Event.message_id == message_id)
        session.execute(update(Event).where(*about).values(raw=BLANK))


def _parts(session: Session, conversation: Conversation, message_id: str | None) -> Sequence[Message]:
    """The further files of a message that brought several: each stands for itself, under the same name and a number."""
    if message_id is None:
        return []
    session.flush()  # they may be as new as their end
    further = Message.external_id.startswith(f"{message_id}#", autoescape=True)
    return session.scalars(select(Message).where(Message.conversation_id == conversation.id, further)).all()


def _gone(session: Session, current: Services, conversation: Conversation, message: Message) -> None:
    for text in _wordings(session, current, conversation, message):
        facts = intakes.forget(session, conversation, text)
        current.wiring.desk.taken_back(session, conversation.id, text, facts)
        remembering.forget(conversation, text)
        proving.forget(session, conversation, text)
    if message.text:
        _unquote(session, message)
    message.text, message.payload, message.unsent_at = "", {}, now()
    attachments.forget(session, message)
    blank(session, conversation, message.external_id)
    journal.write(session, "message.unsent", conversation_id=conversation.id, message_id=message)


def _wordings(session: Session, current: Services, conversation: Conversation, message: Message) -> Iterable[str]:
    """What it said, and what it had said before it was edited."""
    said = {message.text: None}
    if message.external_id is not None:
        about = Event.conversation_id == conversation.id, Event.message_id == message.external_id
        channel = current.wiring.channels[conversation.account.channel]
        for raw in session.scalars(select(Event.raw).where(*about, Event.raw != BLANK).order_by(Event.id)):
            said[channel.normalise(json.loads(raw)).text] = None
    return filter(None, said)


def _unquote(session: Session, taken: Message) -> None:
    """Where the bot quoted his words in its answer, they are covered. What it said in its own words stays."""
    session.flush()  # it may be as new as its end
    later = (Message.author.in_(OURS), Message.id > taken.id, Message.episode == taken.episode)
    ours = select(Message).where(Message.conversation_id == taken.conversation_id, *later)
    for message in session.scalars(ours.options(joinedload(Message.outbox))):
        for quoted in QUOTES.findall(message.text):
            if quoted in taken.text:
                _cover(message, quoted)


def _cover(message: Message, quoted: str) -> None:
    message.text = str(veiled(message.text, quoted))
    if message.outbox is not None:
        message.outbox.body = {name: veiled(part, quoted) for name, part in message.outbox.body.items()}
