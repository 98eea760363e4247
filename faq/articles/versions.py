"""What an article said and says: versions are frozen, one is live, and an earlier one comes back as a new one."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.clock import now
from bot.errors import Refused
from faq.articles import withheld
from faq.articles.content import Content, live, put, read
from faq.articles.states import LIVE
from faq.models import Article, ArticleVersion

QUARTER = timedelta(days=90)


def every(session: Session, article: Article) -> Sequence[ArticleVersion]:
    """All that were kept, the newest first."""
    of_it = select(ArticleVersion).where(ArticleVersion.article_id == article.id)
    return session.scalars(of_it.order_by(ArticleVersion.number.desc())).all()


def one(session: Session, article: Article, number: int) -> ArticleVersion:
    """The version of this number; Refused where there is none."""
    of_it = (ArticleVersion.article_id == article.id, ArticleVersion.number == number)
    found = session.scalars(select(ArticleVersion).where(*of_it)).one_or_none()
    if found is None:
        raise Refused("這篇沒有第 %(number)s 版。", number=number)
    return found


def lived(session: Session, article: Article) -> Sequence[ArticleVersion]:
    """Those that were live once and may be restored."""
    of_it = (ArticleVersion.article_id == article.id, ArticleVersion.live_at.is_not(None))
    return session.scalars(select(ArticleVersion).where(*of_it)).all()


def was_live(session: Session, article: Article) -> bool:
    """Whether customers or colleagues ever read it."""
    of_it = (ArticleVersion.article_id == article.id, ArticleVersion.live_at.is_not(None))
    return session.scalar(select(ArticleVersion.id).where(*of_it).limit(1)) is not None


def freeze(session: Session, article: Article, content: Content, authors: Sequence[int]) -> ArticleVersion:
    """A new version, which says this."""
    keep_live(session, article)
    number, said = following(session, article), content.as_json()
    made = ArticleVersion(article_id=article.id, number=number, content=said, authors=list(authors))
    session.add(made)
    session.flush()
    return made


def following(session: Session, article: Article) -> int:
    """The number of the next version."""
    newest = session.scalar(select(func.max(ArticleVersion.number)).where(ArticleVersion.article_id == article.id))
    return max(newest or 0, article.version) + 1


def keep_live(session: Session, article: Article) -> None:
    """What is live is kept before anything takes its place: who imported it made no version."""
    of_it = (ArticleVersion.article_id == article.id, ArticleVersion.number == article.version)
    if article.live and session.scalar(select(ArticleVersion.id).where(*of_it)) is None:
        content = live(article).as_json()
        session.add(
            ArticleVersion(article_id=article.id, number=article.version, content=content, live_at=article.updated_at)
        )
        session.flush()


def read_again(article: Article) -> None:
    """Whoever keeps it is asked in a quarter whether it still holds, unless a day is set for that."""
    if article.review_at is None or article.review_at <= now().date():
        article.review_at = (now() + QUARTER).date()


def go_live(session: Session, article: Article, version: ArticleVersion) -> None:
    """The bot's very next answer is this version; nothing is built. Refused where another's internal text is in it."""
    content = read(version.content)
    withheld.refuse(session, content.customer_texts, but=article.id)
    withheld.refuse_own(content)
    put(article, content)
    article.published, article.for_staff = bool(content.wordings), not content.wordings
    article.version, article.state, version.live_at = version.number, LIVE, now()
    session.flush()
    withheld.refresh(session, article)
