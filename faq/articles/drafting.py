"""Writing an article: kept at every pause, so that nothing is lost when the browser closes; and two who write at once
are told of each other. Who only never heard that he was saved is told of nobody.
"""

import uuid
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot import journal
from bot.clock import now
from bot.errors import Refused
from faq.articles import withheld
from faq.articles.content import Content, working
from faq.articles.states import DRAFT, LIVE, OPEN, RETIRED, Doer, state
from faq.models import Article, ArticlePicture, ArticleStep, ArticleVersion, Withheld

LONGEST = 20_000  # characters of everything together: a page that nobody reads to its end


class Overtaken(Refused):
    """Somebody else changed it since; `theirs` is what it says now."""

    def __init__(self, theirs: Any, revision: int, by: str) -> None:
        super().__init__("%(name)s 剛剛改過。兩邊都在下面，選一個留下。", name=by)
        self.theirs, self.revision = theirs, revision


class Sheet(NamedTuple):
    """The page on which somebody writes, and how often it was sent so far, this time included. `before` are the pages
    whose words were put back on it, and how often each had been sent by then: what they sent later it does not know.
    """

    page: str = ""
    sent: int = 0
    before: Mapping[str, int] = MappingProxyType({})

    def kept_as(self, revision: int) -> str:
        """As the article keeps it: any other change of the article makes it say nothing."""
        return f"{self.page}:{self.sent}:{revision}" if self.page else ""

    def wrote(self, article: Article) -> bool:
        """Whether the article stands as this page, or one put back on it, had written it before; not, where it did so
        later than that.
        """
        page, _, rest = article.drafted_on.partition(":")
        sent, _, revision = rest.partition(":")
        known = {**self.before, self.page: self.sent - 1}
        return revision == str(article.revision) and int(sent) <= known.get(page, -1)


def locked(session: Session, article_id: int) -> Article:
    """The article's row, nobody else's until the transaction ends; Refused where there is none."""
    row = select(Article).where(Article.id == article_id).with_for_update(of=Article)
    found = session.scalars(row, execution_options={"populate_existing": True}).one_or_none()
    if found is None:
        raise Refused("這篇文章已經不在了。")
    return found


def begin(session: Session, by: Doer) -> Article:
    """An article that says nothing yet."""
    article = Article(external_id=f"A-{uuid.uuid4().hex[:10]}", question="", wordings=[], version=0, state=DRAFT)
    article.draft, article.owner_id = Content().as_json(), by.id
    session.add(article)
    session.flush()
    journal.write(session, "article.begun", user_id=by.id, article=article.external_id)
    return article


def save(session: Session, article_id: int, content: Content, revision: int, by: Doer, sheet: Sheet) -> Article:
    """What somebody has written so far, whether it could go live or not; Overtaken where another wrote meanwhile."""
    article = locked(session, article_id)
    if content == working(article):
        return article
    if article.drafted_by != by.id or not sheet.wrote(article):
        require_seen(article, revision)
    if state(article) not in OPEN:
        raise Refused("正在審核，收回之後才能改。")
    if len(str(content.as_json())) > LONGEST:
        raise Refused("整篇超過 %(most)s 個字，拆成幾篇。", most=LONGEST)
    article.authors = sorted({*article.authors, by.id})
    article.draft, article.revision = content.as_json(), article.revision + 1
    article.drafted_at, article.drafted_by = now(), by.id
    article.drafted_on = sheet.kept_as(article.revision)
    if state(article) in (LIVE, RETIRED):
        article.state = DRAFT
    if not article.version:
        _name(article, content)
    session.flush()
    return article


def require_seen(article: Article, revision: int) -> None:
    """Overtaken, unless what is on the screen is the newest."""
    if article.revision != revision:
        raise Overtaken(working(article), article.revision, article.drafter.name if article.drafter else "?")


def discard(session: Session, article: Article) -> bool:
    """The draft is gone; what was never live is gone with it. Whether it is."""
    if article.live or article.version:
        article.draft, article.revision = None, article.revision + 1
        if article.live:
            article.authors = []  # who wrote what never was live has written it still
        withheld.refresh(session, article)
        return False
    session.execute(update(ArticlePicture).where(ArticlePicture.article_id == article.id).values(article_id=None))
    for table in (Withheld, ArticleStep, ArticleVersion):
        session.execute(delete(table).where(table.article_id == article.id))
    session.delete(article)
    return True


def _name(article: Article, content: Content) -> None:
    """Lists show what nobody can read yet under its future name."""
    article.question, article.category = content.question, content.category
    article.intent, article.language = content.intent, content.language
