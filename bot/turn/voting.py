"""Did this help? Asked by two buttons under an article's answer, which go by themselves; a tap labels that very answer.

The tap brings along what it is about, so it counts for that, however late it comes. It is no message that needs an
answer: nobody judges it, and no case hears of it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import journal
from bot.dialogue import PERSON, replies
from bot.matrix import UNKNOWN
from bot.messages import Button
from bot.models import VOTE, Conversation, JournalEntry, Message
from bot.nlu.verdict import SMALL_TALK, Judgement, Request
from bot.ports import Answer
from bot.services import Services
from bot.turn import saying

VOTED = "answer.voted"
MARK = "helped:"
YES, NO = "yes", "no"
LABELS = {YES: "helped", NO: "unhelpful"}  # by the names of the bot's phrases
BROUGHT = re.compile(rf"{MARK}({YES}|{NO}):([0-9]{{1,9}}):([0-9]{{1,9}}):([a-z]{{2}}(?:-[A-Z]{{2}})?):(.+)")
OWN_WAYS = 4  # of an answer: where there are more, there is enough to choose from


class Vote(NamedTuple):
    """Whether the answer to a message helped, and which it was: a version of an article; asked in a `language`."""

    answer: str
    message_id: int
    version: int
    language: str
    source: str

    @property
    def brought(self) -> str:
        """What its button brings along."""
        return f"{MARK}{self.answer}:{self.message_id}:{self.version}:{self.language}:{self.source}"


def asking(answers: Sequence[Answer], message: Message, judged: Judgement) -> list[Answer]:
    """The same, with the two buttons where the one thing that was asked is answered by an article, and done with.

    They are short and stand first: behind longer ones nobody would see them.
    """
    if not _worth_asking(answers, judged):
        return list(answers)
    [answer] = answers
    language = judged.whole.understanding.language
    votes = (Vote(said, message.id, answer.version, language, answer.source) for said in LABELS)
    ways = (replace(_button(vote), brings=vote.brought) for vote in votes)
    return [replace(answer, message=replace(answer.message, buttons=(*ways, *answer.message.buttons)))]


def is_vote(payload: Mapping[str, Any]) -> bool:
    """Whether a tap brings what one of these buttons does."""
    return _vote(payload) is not None


def on_button(payload: Mapping[str, Any]) -> str:
    """What stood on it."""
    vote = _vote(payload)
    return _button(vote).label if vote else ""


def taken(session: Session, current: Services, conversation: Conversation, messages: list[Message]) -> list[Message]:
    """The messages without these taps, which are kept; who only tapped hears what comes next, where the bot leads."""
    rest = [message for message in messages if not is_vote(message.payload)]
    last: dict[int, tuple[Vote, Message]] = {}
    for message in messages:
        if vote := _vote(message.payload):
            last.pop(vote.message_id, None)  # who taps again stands last
            last[vote.message_id] = vote, message
    kept = [vote for vote, message in last.values() if _keep(session, conversation, vote, message)]
    if kept and not rest and conversation.owner == "bot" and not conversation.standby:
        _reply(session, current, conversation, kept[-1])
    return rest


def _worth_asking(answers: Sequence[Answer], judged: Judgement) -> bool:
    if len(answers) != 1 or len(judged.requests) != 1 or not _is_business(judged.requests[0]):
        return False
    [answer] = answers
    return answer.version > 0 and answer.path is None and len(answer.message.plain.buttons) <= OWN_WAYS


def _is_business(one: Request) -> bool:
    """Whether it is a question that the shop answers for: nobody is asked whether our greeting helped."""
    return one.assessment.trusted and one.assessment.category not in (*SMALL_TALK, UNKNOWN)


def _keep(session: Session, conversation: Conversation, vote: Vote, tap: Message) -> bool:
    """Keep what a tap says; False where that was said before."""
    if _said_before(session, conversation, vote):
        return False
    journal.write(
        session,
        VOTED,
        conversation_id=conversation.id,
        message_id=vote.message_id,
        helped=vote.answer == YES,
        source=vote.source,
        version=vote.version,
        tap=tap.id,
    )
    return True


def _said_before(session: Session, conversation: Conversation, vote: Vote) -> bool:
    """Also where it names no message of this conversation: then nobody was asked."""
    asked = session.get(Message, vote.message_id)
    if asked is None or asked.conversation_id != conversation.id:
        return True
    here = JournalEntry.conversation_id == conversation.id, JournalEntry.message_id == vote.message_id
    said = select(JournalEntry.data).where(*here, JournalEntry.kind == VOTED).order_by(JournalEntry.id.desc())
    last = session.scalar(said.limit(1))
    return last is not None and last["helped"] == (vote.answer == YES)


def _reply(session: Session, current: Services, conversation: Conversation, vote: Vote) -> None:
    """A word of thanks, or how to go on; nothing, where he has written something else meanwhile."""
    words = replies(vote.language)
    said = words.say("thanked") if vote.answer == YES else words.say("sorry", [words.button(PERSON)])
    if not _went_on(session, conversation, vote):
        saying.say(session, current, conversation, [], said)


def _went_on(session: Session, conversation: Conversation, vote: Vote) -> bool:
    later = select(Message.id).where(Message.conversation_id == conversation.id, Message.id > vote.message_id)
    return session.scalar(later.where(Message.author == "customer", Message.kind != VOTE).limit(1)) is not None


def _button(vote: Vote) -> Button:
    return replies(vote.language).button(LABELS[vote.answer])


def _vote(payload: Mapping[str, Any]) -> Vote | None:
    """What a button of ours brought; nothing where it is another's."""
    found = BROUGHT.fullmatch(str(payload.get("data", "")))
    return Vote(found[1], int(found[2]), int(found[3]), found[4], found[5]) if found else None
