"""The bot's voice: what it says, cut to the platform's length, and the language it says that in."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from bot import conversations, journal
from bot.dialogue import DEFAULT_LANGUAGE, Replies, replies
from bot.messages import LINE_TEXT_UNITS, Outbound, Speaker, split_text
from bot.models import Conversation, Message
from bot.ports import Answer
from bot.services import Services


def say(
    session: Session,
    current: Services,
    conversation: Conversation,
    answers: Sequence[Answer],
    last: Outbound | None = None,
    speaker: Speaker = "bot",
) -> None:
    """Say the answers, and what comes after them; the journal tells which article each came from."""
    outbounds: list[Outbound] = []
    begins = []
    for answer in answers:
        begins.append(len(outbounds))
        outbounds += _parts(answer.message)
    outbounds += _parts(last) if last else []
    said = conversations.say(session, conversation, *outbounds, speaker=speaker, sender_name=_bot_name(current))
    for answer, at in zip(answers, begins, strict=True):
        if answer.source:
            _tell_answered(session, said[at], answer)


def hold(session: Session, current: Services, conversation: Conversation, text: str) -> None:
    """What stands instead of an answer until a person gives one."""
    conversations.say(session, conversation, Outbound(text), speaker="system", sender_name=_bot_name(current))


def language(conversation: Conversation) -> Replies:
    """The customer's language where their words do not tell."""
    return replies(spoken(conversation))


def spoken(conversation: Conversation) -> str:
    """The language that the customer is known to speak."""
    return conversation.contact.language if conversation.contact else DEFAULT_LANGUAGE


def _tell_answered(session: Session, message: Message, answer: Answer) -> None:
    journal.write(
        session,
        "turn.answered",
        conversation_id=message.conversation_id,
        message_id=message,
        source=answer.source,
        version=answer.version,
    )


def _parts(message: Outbound) -> list[Outbound]:
    """The message cut to the platform's length; the buttons hang on the last part."""
    parts = split_text(message.text, LINE_TEXT_UNITS)
    return [*(Outbound(part) for part in parts[:-1]), Outbound(parts[-1], message.buttons)]


def _bot_name(current: Services) -> str:
    return f"{current.settings.shop_name}機器人"
