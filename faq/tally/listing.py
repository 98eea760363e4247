"""The messages behind a figure, the newest first, page by page."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from bot.models import Contact, Conversation, Message
from faq.models import Article, BotTurn
from faq.tally.measures import MEASURES


class Said(NamedTuple):
    """A turn with its message's words, its customer's name and the article that answered; no words: taken back."""

    turn: BotTurn
    text: str | None
    name: str
    article: Article | None


class Place(NamedTuple):
    """The last line of a page."""

    day: date
    message_id: int


def messages(
    session: Session,
    measure: str,
    period: tuple[date, date],
    *,
    intent: str = "",
    release: int | None = None,
    article: str = "",
    after: Place | None = None,
    limit: int,
) -> Sequence[Said]:
    """Those of which the measure holds, of one intent, one release and one article where they are named."""
    first, last = period
    wanted = [MEASURES[measure], BotTurn.day.between(first, after.day if after else last)]
    wanted += [BotTurn.intent == intent] if intent else []
    wanted += [BotTurn.release_id == release] if release is not None else []
    wanted += [BotTurn.article == article] if article else []
    if after:
        wanted.append(or_(BotTurn.day < after.day, and_(BotTurn.day == after.day, BotTurn.message_id < after[1])))
    turns = select(BotTurn).where(*wanted).order_by(BotTurn.day.desc(), BotTurn.message_id.desc()).limit(limit)
    return _with_words(session, session.scalars(turns).all())


def _with_words(session: Session, turns: Sequence[BotTurn]) -> list[Said]:
    said = (
        select(Message.id, Message.text, Contact.name)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .outerjoin(Contact, Contact.id == Conversation.contact_id)
        .where(Message.id.in_([turn.message_id for turn in turns]), Message.unsent_at.is_(None))
    )
    words = {row.id: row for row in session.execute(said)}
    sources = select(Article).where(Article.external_id.in_({turn.article for turn in turns} - {""}))
    articles = {article.external_id: article for article in session.scalars(sources)}
    found = ((turn, words.get(turn.message_id)) for turn in turns)
    return [Said(turn, row and row.text, (row and row.name) or "", articles.get(turn.article)) for turn, row in found]
