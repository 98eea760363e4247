"""How an article fared lately: how often the bot answered with it, and what came of that."""

from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from faq import tally
from faq.models import Article
from faq.tally import Counts
from faq.visit import services, today

DAYS = 30


class Faring(NamedTuple):
    """Of these days; `unhelpful` is what readers of /help said, while those of the chat are among the counts."""

    first: date
    last: date
    counts: Counts
    unhelpful: int


def faring(session: Session, article: Article) -> Faring | None:
    """Nothing, where it never was live."""
    if not article.version:
        return None
    last = today()
    first = last - timedelta(days=DAYS - 1)
    unhelpful = tally.unhelpful(session, first, last, services().settings.zone, article)
    return Faring(first, last, tally.of_article(session, article, first, last), unhelpful)
