"""The bot's voice: what it says, cut to the platform's length, and the language it says that in."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from bot import conversations, journal, manners
from bot.clock import now
from bot.dialogue import DEFAULT_LANGUAGE, Replies, replies
from bot.manners import Manners
from bot.messages import Outbound, Speaker
from bot.models import Conversation, Message
from bot.ports import Answer
from bot.services import Services
from bot.turn import introducing, remembering

ANSWERED = "turn.answered"


def say(
    session: Session,
    current: Services,
    conversation: Conversation,
    answers: Sequence[Answer],
    last: Outbound | None = None,
    speaker: Speaker = "bot",
) -> None:
    """Say the answers, and what comes after them; the journal tells which article each came from."""
    own = manners.of(conversation.account.channel)
    outbounds = introducing.introduction(current, conversation, own, language(conversation))
    begins, spoken, ends = [], [_parts(own, answer.message) for answer in answers], _parts(own, last) if last else []
    room = _room(current, conversation, sum(map(len, (outbounds, *spoken, ends))))
    pictures = _pictures(own, answers, spoken)[:room]
    for at, parts in enumerate(spoken):
        outbounds += [picture for answer, picture in pictures if answer == at]
        begins.append(len(outbounds))
        outbounds += parts
    outbounds += ends
    outbounds = introducing.with_way_out(outbounds, own, language(conversation))
    said = conversations.say(session, conversation, *outbounds, speaker=speaker, sender_name=_bot_name(current))
    for answer, at in zip(answers, begins, strict=True):
        if answer.source:
            _tell_answered(session, said[at], answer)


def _room(current: Services, conversation: Conversation, messages: int) -> int | None:
    """How many pictures may go with so many messages; None: any number. Where a call takes several it is LINE's free
    reply, and words that pictures push out of it may wait for next month's quota.
    """
    channel = current.wiring.channels.get(conversation.account.channel)  # None: it is no longer set up
    return max(channel.pack - messages, 0) if channel and channel.pack > 1 else None


def _pictures(
    own: Manners, answers: Sequence[Answer], spoken: Sequence[Sequence[Outbound]]
) -> list[tuple[int, Outbound]]:
    """Those of each answer, by its place, less what its words show already."""
    return [
        (at, picture)
        for at, (answer, parts) in enumerate(zip(answers, spoken, strict=True))
        for picture in answer.pictures
        if not _shows(own, parts[-1], picture)
    ]


def with_manners(current: Services, conversation: Conversation, outbounds: Sequence[Outbound]) -> list[Outbound]:
    """What the bot says by itself, with what the platform asks of it: what it is, and a way to a person."""
    own, words = manners.of(conversation.account.channel), language(conversation)
    return introducing.with_way_out(
        [*introducing.introduction(current, conversation, own, words), *outbounds], own, words
    )


def hold(session: Session, current: Services, conversation: Conversation, text: str) -> None:
    """What stands instead of an answer until a person gives one."""
    said = introducing.left_open(Outbound(text), conversation, language(conversation))
    conversations.say(session, conversation, said, speaker="system", sender_name=_bot_name(current))


def language(conversation: Conversation) -> Replies:
    """The customer's language where their words do not tell."""
    return replies(spoken(conversation))


def spoken(conversation: Conversation) -> str:
    """The language in which the customer wrote lately; else the one that he is known to speak."""
    if written := remembering.spoke(conversation, now()):
        return written
    return conversation.contact.language if conversation.contact else DEFAULT_LANGUAGE


def _tell_answered(session: Session, message: Message, answer: Answer) -> None:
    journal.write(
        session,
        ANSWERED,
        conversation_id=message.conversation_id,
        message_id=message,
        source=answer.source,
        version=answer.version,
    )


def _shows(own: Manners, said: Outbound, picture: Outbound) -> bool:
    """Whether the card of what is said shows the picture already."""
    return bool(own.draws_cards and said.card and picture.media and said.card.picture == picture.media.url)


def _parts(own: Manners, message: Outbound) -> list[Outbound]:
    """The message cut to the platform's length; its buttons hang on the last part. What is cut is no card."""
    *before, last = own.parts(message.text)
    whole = message.plain if before else message
    return [*(Outbound(part) for part in before), Outbound(last, whole.buttons, card=whole.card)]


def _bot_name(current: Services) -> str:
    return f"{current.settings.shop_name}機器人"
