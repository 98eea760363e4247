"""Which articles say already what somebody is writing: told while he writes, and nobody is kept from it."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from faq.articles import Content
from faq.models import Article
from faq.search import Hit, search, tokens

LOOKED_AT = 6
MOST = 3
SHARED = 0.8  # of characters and their pairs: so alike that one question was written twice


def alike(session: Session, article: Article, content: Content) -> list[Article]:
    """Those that are live, are read in the same language and answer the same question, the most alike first."""
    return list(_found(session, article, content))[:MOST] if content.question else []


def _found(session: Session, article: Article, content: Content) -> Iterator[Article]:
    for hit in search(session, content.question, LOOKED_AT):
        own = hit.article.id == article.id or hit.article.language != content.language
        if not own and (hit.close or _written_alike(hit, content.question)):
            yield hit.article


def _written_alike(hit: Hit, question: str) -> bool:
    here, there = set(tokens(question)), set(tokens(hit.article.question))
    return 2 * len(here & there) >= SHARED * (len(here) + len(there)) > 0
