"""What an entry of the journal says of a turn. Entries of one transaction have one time, by which a turn knows its own.

Small talk is left out: a bot that answers thanks has spared nobody any work.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.matrix import HUMAN_WISH
from bot.models import JournalEntry, Release
from bot.nlu.policy import load
from bot.nlu.verdict import SMALL_TALK
from bot.turn.voting import VOTED
from faq import votes
from faq.models import Article, BotTurn

UNDERSTOOD, DECIDED, ANSWERED = "turn.understood", "turn.decided", "turn.answered"
HANDED_OVER = ("turn.handed_over", "ticket.opened")
REGRADED = ("ticket.raised", "ticket.lowered", "ticket.graded")
DOUBTED = "answer.doubted"
KINDS = (UNDERSTOOD, DECIDED, ANSWERED, *HANDED_OVER, *REGRADED, DOUBTED, VOTED)
GIVEN_UP = ("unsure_again", "no_engine")
UNCLEAR = ("asked", "given_up")
A_DAY = timedelta(days=1)


class Reading:
    """A look's entries, in their order; it knows the turns of a conversation from one entry to the next."""

    def __init__(self, session: Session, zone: ZoneInfo) -> None:
        self._session, self._zone = session, zone
        self._threads: dict[int, list[BotTurn]] = {}
        self._releases: dict[str, int] = {}

    def take(self, entry: JournalEntry) -> None:
        """Whatever concerns no turn that counts passes by."""
        if entry.kind == UNDERSTOOD:
            self._understood(entry)
        elif entry.kind in REGRADED:
            self._regraded(entry)
        elif entry.kind == DOUBTED:
            self._doubted(entry)
        elif entry.kind == VOTED:
            self._voted(entry)
        elif turns := self._lately(entry):
            self._happened(entry, turns)

    def _understood(self, entry: JournalEntry) -> None:
        intent = entry.data["intent"]
        if load()[0].of(intent).category in SMALL_TALK or entry.message_id is None:
            return
        if self._session.get(BotTurn, entry.message_id):
            return  # the same message was judged anew; the first time counts
        turn = BotTurn(
            message_id=entry.message_id,
            conversation_id=entry.conversation_id,
            at=entry.at,
            day=entry.at.astimezone(self._zone).date(),
            intent=intent,
            release_id=self._release(entry.data["release"]),
        )
        self._lately(entry).append(turn)
        self._session.add(turn)

    def _happened(self, entry: JournalEntry, turns: list[BotTurn]) -> None:
        turn = turns[-1] if turns[-1].at == entry.at else None
        if entry.kind in HANDED_OVER:
            _hand_over(turns, turn, entry.at)
        elif turn and entry.kind == ANSWERED:
            turn.fate, turn.article = "answered", entry.data["source"][:60]
        elif turn and turn.message_id == entry.message_id:
            turn.fate = _fate(entry.data["route"], entry.data["cell"])
            turn.release_id = turn.release_id and (entry.data.get("release") or turn.release_id)
            _clear(turns[:-1], turn, wants_person=entry.data["cell"] == HUMAN_WISH)

    def _regraded(self, entry: JournalEntry) -> None:
        """What a colleague filed elsewhere: the message that was judged last before. A wish for a person names none."""
        category = entry.data.get("after", {}).get("category")
        if entry.user_id is None or not category:
            return
        judged = select(BotTurn).where(BotTurn.conversation_id == entry.conversation_id, BotTurn.at <= entry.at)
        turn = self._session.scalar(judged.order_by(BotTurn.message_id.desc()).limit(1))
        if turn and load()[0].of(turn.intent).category not in (HUMAN_WISH, category):
            turn.wrong = "corrected"

    def _doubted(self, entry: JournalEntry) -> None:
        """What a colleague marked himself."""
        if turn := self._session.get(BotTurn, entry.message_id):
            turn.wrong = "marked"

    def _voted(self, entry: JournalEntry) -> None:
        """What a customer says of the answer to his message, and so of the article."""
        helped, version = entry.data["helped"], entry.data["version"]
        if turn := self._session.get(BotTurn, entry.message_id):
            turn.helped = helped
        named = select(Article).where(Article.external_id == entry.data["source"])
        if article := self._session.scalar(named):
            votes.vote(self._session, article, helped, votes.chatted(entry.message_id or 0), version=version)

    def _release(self, name: str) -> int:
        """The embedded engine tells a release's number, Rasa what the model has learned: other policies may share it,
        so that the decision names the release better where it does."""
        if name.isdecimal():
            return int(name)
        if name not in self._releases:
            known = self._session.scalar(select(func.min(Release.id)).where(Release.learned == name))
            self._releases[name] = known or 0
        return self._releases[name]

    def _lately(self, entry: JournalEntry) -> list[BotTurn]:
        """The conversation's turns of a day, in their order."""
        conversation = entry.conversation_id or 0
        if conversation not in self._threads:
            those = (BotTurn.conversation_id == conversation, BotTurn.at > entry.at - A_DAY)
            found = self._session.scalars(select(BotTurn).where(*those).order_by(BotTurn.message_id))
            self._threads[conversation] = list(found)
        return self._threads[conversation]


def _fate(route: str, cell: str) -> str:
    if cell in GIVEN_UP:
        return "given_up"
    return "asked" if route == "clarify" else route


def _clear(before: list[BotTurn], turn: BotTurn, *, wants_person: bool) -> None:
    """Whether the answer to what we asked back was understood."""
    last = before[-1] if before else None
    if last and last.fate == "asked" and last.cleared is None and last.at > turn.at - A_DAY:
        last.cleared = turn.fate not in UNCLEAR and not wants_person


def _hand_over(turns: list[BotTurn], turn: BotTurn | None, at: datetime) -> None:
    """A person has it now, and had to take what the bot said within the last day as well."""
    for one in turns:
        one.handed = one.handed or one.at > at - A_DAY
    if turn and turn.fate == "auto":
        turn.fate = "unwritten"
