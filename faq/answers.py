"""What the bot may say: published articles, one wording at a time, with the customer's name where known.

Only wordings are said; what an article keeps internal is not among them.
"""

from collections.abc import Mapping, Sequence
from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from bot import services
from bot.messages import Button, Media, Outbound
from bot.ports import Answer, Query
from faq.articles import pictures, valid, variables
from faq.models import Article
from faq.search import rank

NOTHING: Mapping[str, str] = {}
TITLE = 40  # characters of the question, by which colleagues know what was shown


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
        said = Outbound(filmed(addressed(wording, query.name, {**of_the_house(), **query.facts}), article), buttons)
        return Answer(said, article.external_id, article.version, _picture(article))


def addressed(wording: str, name: str, known: Mapping[str, str] = NOTHING) -> str:
    """The wording with the customer's name; without one it reads as if no name had been meant."""
    return variables.filled(wording, {**known, "name": name})


def filmed(said: str, article: Article) -> str:
    """And where there is a film, its address."""
    return f"{said}\n{article.video}" if article.video else said


def _picture(article: Article) -> Outbound | None:
    """What the chat shows; nothing where platforms could not fetch it from us."""
    house = services.current().settings.outside
    if not article.picture or not house:
        return None
    where = f"{house}{pictures.address(article.picture)}"
    return Outbound(article.question[:TITLE], media=Media("image", where, f"{where}?small=1"))


def of_the_house() -> dict[str, str]:
    """What is the same for everybody."""
    settings = services.current().settings
    return {"shop": settings.shop_name, "help": f"{settings.outside}/help" if settings.outside else ""}


def _published(session: Session, query: Query) -> Sequence[Article]:
    """Articles of the intent for customers like this one, in the customer's language, else in any."""
    found = session.scalars(_fitting(), {"meant": query.intent, **valid.today()}).all()
    articles = [article for article in found if not article.tiers or query.tier in article.tiers]
    return [a for a in articles if a.language == query.language] or articles


@cache
def _fitting() -> Select[Article]:
    return select(Article).where(Article.intent == bindparam("meant"), *valid.COUNTS).order_by(Article.id)
