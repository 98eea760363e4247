"""Reading the journal for messages that went wrong: asked back, given up, corrected by a colleague or the customer;
and the turns for those that were understood, with nothing live to say, or with what did not help."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from bot.clock import now
from bot.models import Contact, Conversation, JournalEntry, Message
from bot.turn.labelling import labels
from faq.articles import valid
from faq.masking import masked
from faq.models import Article, BotTurn, SettledMessage
from faq.training import Working, seed

LATELY = timedelta(days=30)
MOST = 400  # messages of each kind, the newest
GIVEN_UP = ("unsure_again", "no_engine")
UNWRITTEN, UNHELPFUL = "unwritten", "unhelpful"
ANSWERS_LACK = {UNWRITTEN, UNHELPFUL}  # whatever is taught
REGRADED = ("ticket.raised", "ticket.lowered", "ticket.graded")


@dataclass(frozen=True)
class Unanswered:
    """A message in masked words, why it is here, and what it may mean: an intent, or a colleague's category. `article`
    is what it was answered with where that did not help."""

    message_id: int
    conversation_id: int
    text: str
    why: tuple[str, ...]
    intent: str = ""
    category: str = ""
    article: str = ""

    @property
    def form(self) -> str:
        return seed.sentence(self.text).form

    @property
    def key(self) -> str:
        """The same for messages that are the same however they are written."""
        return seed.key(seed.sentence(self.text))


def gather(session: Session, working: Working) -> list[Unanswered]:
    """The newest first; not what staff have seen to, what was taken back, or what is taught by now.

    What only lacks an answer, or a better one, may be taught long since.
    """
    found: dict[int, Unanswered] = {}
    long_ago = session.scalar(select(func.max(JournalEntry.id)).where(JournalEntry.at < now() - LATELY)) or 0
    ways = (_doubtful, _corrected, _labelled, _marked, _unwritten, _unhelpful)
    for one in itertools.chain.from_iterable(way(session, long_ago) for way in ways):
        known = found.get(one.message_id)
        found[one.message_id] = _both(known, one) if known else one
    texts = _texts(session, list(found))
    left = [replace(found[id_], text=texts[id_]) for id_ in sorted(found, reverse=True) if id_ in texts]
    return [one for one in left if ANSWERS_LACK & set(one.why) or one.key not in working.by_key]


def _both(known: Unanswered, one: Unanswered) -> Unanswered:
    """Two reasons for one message; who corrected it knows better than who guessed."""
    why = tuple(dict.fromkeys((*known.why, *one.why)))
    intent, category = one.intent or known.intent, one.category or known.category
    return replace(known, why=why, intent=intent, category=category, article=one.article or known.article)


def _doubtful(session: Session, long_ago: int) -> Iterator[Unanswered]:
    """What was asked back, or went to a person because nobody understood it; with the best guess."""
    decided, understood = JournalEntry, aliased(JournalEntry)
    route, cell = decided.data["route"].as_string(), decided.data["cell"].as_string()
    same = and_(understood.message_id == decided.message_id, understood.kind == "turn.understood")
    entries = (
        select(decided, understood)
        .join(understood, and_(understood.conversation_id == decided.conversation_id, same))
        .where(decided.kind == "turn.decided", decided.id > long_ago)
        .where(or_(route == "clarify", cell.in_(GIVEN_UP)))
        .order_by(decided.id.desc())
        .limit(MOST)
    )
    for entry, seen in session.execute(entries):
        why = "given_up" if entry.data["cell"] in GIVEN_UP else "asked_back"
        yield Unanswered(entry.message_id or 0, entry.conversation_id or 0, "", (why,), intent=seen.data["intent"])


def _labelled(session: Session, long_ago: int) -> Iterator[Unanswered]:
    """What its customer explained by a tap."""
    for label in labels(session, after=long_ago, limit=MOST):
        yield Unanswered(label.message_id, 0, "", ("labelled",), intent=label.intent)


def _corrected(session: Session, long_ago: int) -> Iterator[Unanswered]:
    """What a colleague filed under another category: the customer's message that was judged last before that."""
    regraded, judged = JournalEntry, aliased(JournalEntry)
    last = (
        select(func.max(judged.id))
        .where(judged.conversation_id == regraded.conversation_id, judged.kind == "turn.decided")
        .where(judged.id < regraded.id)
        .correlate(regraded)
        .scalar_subquery()
    )
    entries = (
        select(regraded, judged)
        .join(judged, judged.id == last)
        .where(regraded.kind.in_(REGRADED), regraded.user_id.is_not(None), regraded.id > long_ago)
        .order_by(regraded.id.desc())
        .limit(MOST)
    )
    for entry, turn in session.execute(entries):
        if category := entry.data.get("after", {}).get("category"):
            yield Unanswered(turn.message_id or 0, entry.conversation_id or 0, "", ("corrected",), category=category)


def _marked(session: Session, long_ago: int) -> Iterator[Unanswered]:
    """What a colleague marked as judged wrongly."""
    marked = select(JournalEntry).where(JournalEntry.kind == "answer.doubted", JournalEntry.id > long_ago)
    for entry in session.scalars(marked.order_by(JournalEntry.id.desc()).limit(MOST)):
        yield Unanswered(entry.message_id or 0, entry.conversation_id or 0, "", ("marked",))


def _unwritten(session: Session, _: int) -> Iterator[Unanswered]:
    """What was understood, and went to a person for want of an answer that is live; there is none yet."""
    written = select(Article.intent).where(valid.counting())
    turns = select(BotTurn).where(BotTurn.fate == UNWRITTEN, BotTurn.day >= (now() - LATELY).date())
    turns = turns.where(BotTurn.intent.not_in(written)).order_by(BotTurn.message_id.desc()).limit(MOST)
    for turn in session.scalars(turns):
        yield Unanswered(turn.message_id, turn.conversation_id, "", (UNWRITTEN,), intent=turn.intent)


def _unhelpful(session: Session, _: int) -> Iterator[Unanswered]:
    """What was answered, and its customer says that it did not help."""
    told = select(BotTurn).where(BotTurn.helped.is_(False), BotTurn.day >= (now() - LATELY).date())
    for turn in session.scalars(told.order_by(BotTurn.message_id.desc()).limit(MOST)):
        about = {"intent": turn.intent, "article": turn.article}
        yield Unanswered(turn.message_id, turn.conversation_id, "", (UNHELPFUL,), **about)


def _texts(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """The masked words of these messages, of those that wait for somebody."""
    waiting = (
        select(Message.id, Message.text, Contact.name)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .outerjoin(Contact, Contact.id == Conversation.contact_id)
        .outerjoin(SettledMessage, SettledMessage.message_id == Message.id)
        .where(Message.id.in_(ids), Message.unsent_at.is_(None), Message.kind == "text")
        .where(SettledMessage.message_id.is_(None))
    )
    found = session.execute(waiting)
    return {id_: covered for id_, text, name in found if (covered := masked(text, name or ""))}
