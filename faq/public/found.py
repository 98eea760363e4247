"""What a search on /help shows: the fitting articles with the words that were asked for marked."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.language import Piece, excerpt, terms
from faq import pages
from faq.models import Article
from faq.public.topics import UNSHOWN
from faq.search import search

SHOWN = 20
LOOKED_AT = 60  # some of what is found is not shown, or in another language


@dataclass(frozen=True)
class Found:
    """An article on the list of what was found."""

    article: Article
    heading: Sequence[Piece]
    text: Sequence[Piece]


def found(session: Session, query: str, language: str) -> list[Found]:
    """What fits, best first; in the reader's language where anything does."""
    hits = [hit.article for hit in search(session, query, LOOKED_AT) if _is_for_all(hit.article)]
    spoken = [article for article in hits if article.language == language] or hits
    asked = " ".join(token for term in terms(query) for token in term.tokens)  # any of the words is worth a mark
    return [
        Found(article, excerpt(pages.heading(article), asked), excerpt(pages.plain(article), asked))
        for article in spoken[:SHOWN]
    ]


def _is_for_all(article: Article) -> bool:
    return article.category not in UNSHOWN and not article.tiers
