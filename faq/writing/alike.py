"""Which articles say already what somebody is writing: told while he writes, and nobody is kept from it."""

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from faq.articles import Content
from faq.models import Article
from faq.search import Hit, search, tokens

LOOKED_AT = 6
MOST = 2
MEANT = 0.95  # what the best fit by meaning scores where it is the same question; many close ones are only akin to it
BESIDE = 0.03  # by how much another may fit worse than the best
SHARED = 0.8  # of characters and their pairs: so alike that one question was written twice


def sought(content: Content) -> str:
    """What is looked for: while it is the same, so are those that were found."""
    return f"{content.language} {content.question}"


def alike(session: Session, article: Article, content: Content) -> list[Article]:
    """Those that are live, are read in the same language and answer the same question, the most alike first."""
    hits = search(session, content.question, LOOKED_AT) if content.question else []
    own = [hit for hit in hits if hit.article.id != article.id and hit.article.language == content.language]
    return list(_same(own, content.question))[:MOST]


def _same(hits: Sequence[Hit], question: str) -> Iterator[Article]:
    best = max((hit.score for hit in hits if hit.close), default=0.0)
    for hit in hits:
        meant = hit.close and best >= MEANT and hit.score >= best - BESIDE
        if meant or _written_alike(hit, question):
            yield hit.article


def _written_alike(hit: Hit, question: str) -> bool:
    here, there = set(tokens(question)), set(tokens(hit.article.question))
    return 2 * len(here & there) >= SHARED * (len(here) + len(there)) > 0
