"""What the bot may say: published articles, one wording at a time, with the customer's name where known."""

import re
from collections.abc import Sequence
from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from bot.messages import Button, Outbound
from bot.ports import Answer, Query
from faq.models import Article
from faq.search import rank

NAME = re.compile(r"\{name\}")
NAME_WITH_PAUSE = re.compile(r" *\{name\}[ ，,、：:]*")
NAME_LENGTH = 20


class PublishedAnswers:
    """`bot.ports.Answers` over the articles in the database."""

    def find(self, session: Session, query: Query) -> Answer | None:
        """The published answer to the intent; of several the one nearest to what was asked."""
        articles = _published(session, query)
        if not articles:
            return None
        article = rank(query.text, articles)[0].article
        wording = article.wordings[query.seed % len(article.wordings)]
        buttons = tuple(Button(label, label) for label in article.buttons)
        return Answer(Outbound(addressed(wording, query.name), buttons), article.external_id, article.version)


def addressed(wording: str, name: str) -> str:
    """The wording with the customer's name; without one it reads as if no name had been meant."""
    name = " ".join(name.split())[:NAME_LENGTH]
    return NAME.sub(lambda _: name, wording) if name else NAME_WITH_PAUSE.sub("", wording)


def _published(session: Session, query: Query) -> Sequence[Article]:
    """Articles of the intent in the customer's language, else in any."""
    articles = session.scalars(_fitting(), {"meant": query.intent}).all()
    return [a for a in articles if a.language == query.language] or articles


@cache
def _fitting() -> Select[Article]:
    return select(Article).where(Article.intent == bindparam("meant"), Article.published).order_by(Article.id)
