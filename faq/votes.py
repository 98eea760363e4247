"""Did this help? A visitor of /help counts once a day and article, and nobody can tell afterwards who that was; in a
chat each answer counts once.
"""

import hashlib
import hmac
import zlib
from typing import NamedTuple

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from bot.auth.keys import secret_key
from bot.clock import now
from bot.people import insert_missing
from bot.settings import Settings
from faq.models import Article, ArticleVote

PLACES = 8  # votes a day, an article and an address
CHAT = "chat:"  # before the message that was answered; no digest begins so


class Judged(NamedTuple):
    """An article, how many it helped and how many not."""

    article: Article
    helped: int
    failed: int


def visitor(settings: Settings, article: Article, address: str, browser: str) -> str:
    """A digest that is another one tomorrow and at another article: it tells a second vote, and no person.

    Several people share an address, and anybody can call a browser as he likes: an address has so many places.
    """
    today = now().astimezone(settings.zone).date().isoformat()
    place = zlib.crc32(browser.encode("utf-8", "replace")) % PLACES
    seen = "\0".join((today, str(article.id), address, str(place)))
    return hmac.new(secret_key(settings).encode(), seen.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def chatted(message_id: int) -> str:
    """Who was answered in a chat, as a visitor: by what he asked."""
    return f"{CHAT}{message_id}"


def on_help() -> ColumnElement[bool]:
    """The votes of /help."""
    return ArticleVote.visitor.not_like(f"{CHAT}%")


def vote(session: Session, article: Article, helped: bool, visitor: str, *, version: int | None = None) -> None:
    """Whether it helped, in the words of this version or of the present one; who changes his mind is counted as he
    thinks now."""
    read = article.version if version is None else version
    insert_missing(
        session,
        ArticleVote,
        {"article_id": article.id, "version": read, "helped": helped, "visitor": visitor, "voted_at": now()},
    )
    row = select(ArticleVote).where(ArticleVote.visitor == visitor).with_for_update()
    session.scalars(row).one().helped = helped


def judged(session: Session, limit: int) -> list[Judged]:
    """The articles whose present wording helped fewest of those who said so, first."""
    yes, no = (func.sum(case((ArticleVote.helped.is_(said), 1), else_=0)) for said in (True, False))
    tally = select(Article, yes, no).join(ArticleVote, ArticleVote.article_id == Article.id)
    of_now = tally.where(Article.published, ArticleVote.version == Article.version).group_by(Article.id)
    rows = session.execute(of_now.order_by((no - yes).desc(), Article.id).limit(limit))
    return [Judged(article, int(helped), int(failed)) for article, helped, failed in rows]


def failing(session: Session, limit: int) -> list[Judged]:
    """Of these, those that failed more readers than they helped."""
    return [one for one in judged(session, limit) if one.failed > one.helped]
