"""The search: candidates by the engine's own index and by meaning, then both views of each together.

Characters know no synonyms, and the embedding takes what merely sounds alike for the same: together they are right
more often than either. Without the embedding (it is not here, or nobody has learned the article yet) characters decide.
"""

import statistics
from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from bot import searching
from faq.articles import valid
from faq.models import Article
from faq.search import vectors
from faq.search.listening import meant
from faq.search.ranking import Hit, plain, rank

LOOKED_AT = 40  # articles by each view
WORDS = 0.08  # how much the best fit by characters weighs, in cosines
CLOSE = 0.88  # the cosine from which an article fits that shares no word; of what nobody answers few come so near


def search(session: Session, query: str, limit: int = 10) -> list[Hit]:
    """Published articles that fit, best first."""
    counts = valid.counting()
    ids = fitting(session, query, LOOKED_AT, counts)
    published = select(Article).where(Article.id.in_(ids), counts).order_by(Article.id)
    return [hit for hit in near(session, query, session.scalars(published).all()) if hit.score > 0][:limit]


def fitting(session: Session, query: str, limit: int, among: ColumnElement[bool]) -> list[int]:
    """The ids of articles that may fit, by either view; by words only `among` these, by meaning what is learned."""
    by_words = searching.alike(session, Article, f"{query} {plain(query)}", limit, among)
    heard = meant(session, query)
    by_meaning = [article for article, _ in vectors.shelf(session).nearest(heard, limit)] if heard is not None else []
    return list(dict.fromkeys((*by_words, *by_meaning)))


def near(session: Session, query: str, articles: Sequence[Article]) -> list[Hit]:
    """All these articles, the best fit first; what fits by neither view scores nothing."""
    ranked, heard = rank(query, articles), meant(session, query)
    cosines = vectors.shelf(session).cosines(heard, [article.id for article in articles]) if heard is not None else {}
    if not cosines:
        return ranked
    best, usual = max(hit.score for hit in ranked) or 1.0, statistics.median(cosines.values())
    fused = [_fused(hit.article, hit.score / best, cosines.get(hit.article.id, usual)) for hit in ranked]
    return sorted(fused, key=lambda hit: -hit.score)


def _fused(article: Article, words: float, cosine: float) -> Hit:
    close = cosine >= CLOSE
    return Hit(article, round(cosine + WORDS * words, 4) if words or close else 0.0, close)
