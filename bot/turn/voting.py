"""Did this help? Asked by two buttons under an article's answer, which go by themselves; a tap labels that very answer.

The tap brings along what it is about, so it counts for that, however late it comes; what was never answered in this
conversation counts nothing, whatever a tap brings. It is no message that needs an answer: nobody judges it, and no
case hears of it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bot import journal
from bot.dialogue import PERSON, replies
from bot.matrix import UNKNOWN
from bot.messages import Button
from bot.models import VOTE, Conversation, JournalEntry, Message
from bot.nlu.verdict import SMALL_TALK, Judgement, Request
from bot.ports import Answer
from bot.services import Services
from bot.turn import explaining, saying

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
    taps = [(vote, message) for message in messages if (vote := _vote(message.payload))]
    counting = [(vote, tap) for vote, tap in taps if _answered(session, conversation, vote)]
    fresh = [(vote, tap) for vote, tap in _last(counting) if not _said_before(session, conversation, vote)]
    for vote, tap in fresh:
        _keep(session, conversation, vote, tap)
    heard = fresh or [one for one in taps if one not in counting]
    if heard and not rest and conversation.owner == "bot" and not conversation.standby:
        _reply(session, current, conversation, heard[-1][0], counts=bool(fresh))
    return rest


def _last(taps: Sequence[tuple[Vote, Message]]) -> list[tuple[Vote, Message]]:
    """Of each answer what was tapped last; who taps again stands last."""
    last: dict[int, tuple[Vote, Message]] = {}
    for vote, tap in taps:
        last.pop(vote.message_id, None)
        last[vote.message_id] = vote, tap
    return list(last.values())


def _worth_asking(answers: Sequence[Answer], judged: Judgement) -> bool:
    if len(answers) != 1 or len(judged.requests) != 1 or not _is_business(judged.requests[0]):
        return False
    [answer] = answers
    return answer.version > 0 and answer.path is None and len(answer.message.plain.buttons) <= OWN_WAYS


def _is_business(one: Request) -> bool:
    """Whether it is a question that the shop answers for: nobody is asked whether our greeting helped."""
    return one.assessment.trusted and one.assessment.category not in (*SMALL_TALK, UNKNOWN)


def _keep(session: Session, conversation: Conversation, vote: Vote, tap: Message) -> None:
    """Keep what a tap says of what was answered."""
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


def _answered(session: Session, conversation: Conversation, vote: Vote) -> bool:
    """Whether this version of this article was the answer to that message here: what a turn writes has one time."""
    turn = _told(JournalEntry.at, conversation, explaining.DECIDED).where(JournalEntry.message_id == vote.message_id)
    answers = session.scalars(_told(JournalEntry.data, conversation, saying.ANSWERED).where(JournalEntry.at.in_(turn)))
    return any((answer["source"], answer["version"]) == (vote.source, vote.version) for answer in answers)


def _said_before(session: Session, conversation: Conversation, vote: Vote) -> bool:
    said = _told(JournalEntry.data, conversation, VOTED).where(JournalEntry.message_id == vote.message_id)
    last = session.scalar(said.order_by(JournalEntry.id.desc()).limit(1))
    return last is not None and last["helped"] == (vote.answer == YES)


def _told(what: Any, conversation: Conversation, kind: str) -> Select[Any]:
    return select(what).where(JournalEntry.conversation_id == conversation.id, JournalEntry.kind == kind)


def _reply(session: Session, current: Services, conversation: Conversation, vote: Vote, counts: bool) -> None:
    """A word of thanks, or how to go on; nothing, where he has written something else meanwhile."""
    if _went_on(session, conversation, vote):
        return
    words = replies(vote.language)
    if not counts:
        said = words.say("not_answered", [words.button(PERSON)])
    else:
        said = words.say("thanked") if vote.answer == YES else words.say("sorry", [words.button(PERSON)])
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
