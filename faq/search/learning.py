"""What published articles mean, learned by the builder: seconds after a text changed, it is found by its meaning.

What counts no more, taken offline or out of date, is forgotten: it would stand in the way of what does.
"""

from collections.abc import Sequence
from functools import partial

import structlog
from sqlalchemy import Select, delete, not_, or_, select
from sqlalchemy.orm import Session

from bot import db, services
from bot.broker import BUILDS
from bot.clock import now
from bot.nlu import embedding
from bot.nlu.features import prepare
from bot.services import Services
from bot.sweeper import every
from bot.transactions import transact
from faq.articles import valid
from faq.models import Article, ArticleVector
from faq.search.vectors import packed

BATCH = 64
JOB = "faq.search.learn"
Question = tuple[int, int, str]  # id and version of an article, and what it asks

log = structlog.get_logger()


@every(5)
def look(current: Services) -> None:
    """Have the builder learn what nobody has learned yet, and forget; one such job waiting is enough."""
    with db.reading(current.sessions) as session:
        behind = any(session.execute(some.limit(1)).first() for some in (_unlearned(), _outlived()))
    if behind and not current.broker.backlog(BUILDS):
        current.broker.enqueue(JOB, queue=BUILDS)


def learn() -> None:
    """The job."""
    learn_all(services.current().sessions)


def learn_all(sessions: db.Sessions) -> int:
    """Learn all that nobody has learned; how many those were. Where there is no embedding, none."""
    transact(sessions, _forget)
    if trouble := embedding.trouble():
        log.warning("search.embedding_missing", reason=trouble)
        return 0
    learned = 0
    while batch := _batch(sessions):
        vectors = embedding.vectors([prepare(question) for *_, question in batch])
        made = [(article, version, packed(row)) for (article, version, _), row in zip(batch, vectors, strict=True)]
        transact(sessions, partial(_keep, made=made))
        learned += len(made)
    return learned


def _unlearned() -> Select[int, int, str]:
    known = select(Article.id, Article.version, Article.question).outerjoin(
        ArticleVector, ArticleVector.article_id == Article.id
    )
    return known.where(
        valid.counting(), or_(ArticleVector.article_id.is_(None), ArticleVector.version != Article.version)
    )


def _outlived() -> Select[int]:
    """The articles that are learned and count no more."""
    learned = select(ArticleVector.article_id).join(Article, Article.id == ArticleVector.article_id)
    return learned.where(not_(valid.counting()))


def _forget(session: Session) -> None:
    session.execute(delete(ArticleVector).where(ArticleVector.article_id.in_(_outlived())))


def _batch(sessions: db.Sessions) -> Sequence[Question]:
    with db.reading(sessions) as session:
        return session.execute(_unlearned().order_by(Article.id).limit(BATCH)).all()


def _keep(session: Session, made: Sequence[tuple[int, int, bytes]]) -> None:
    for article, version, vector in made:
        session.merge(ArticleVector(article_id=article, version=version, vector=vector, made_at=now()))
