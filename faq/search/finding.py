"""The search: candidates by the engine's own index and by meaning, then both views of each together.

Characters know no synonyms, and the embedding takes what merely sounds alike for the same: together they are right
more often than either. Without the embedding (it is not here, or nobody has learned the article yet) characters decide.
"""

import statistics
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from bot import searching
from faq.articles import valid
from faq.models import Article
from faq.search import vectors
from faq.search.listening import meant
from faq.search.ranking import Document, Hit, document, fits, plain

LOOKED_AT = 40  # articles by each view
WORDS = 0.08  # how much the best fit by characters weighs, in cosines
CLOSE = 0.88  # the cosine from which an article fits that shares no word; of what nobody answers few come so near


@dataclass(frozen=True)
class _Fit:
    """How well the article of an id fits, as in `Hit`."""

    article: int
    score: float
    close: bool = False


def search(session: Session, query: str, limit: int = 10) -> list[Hit]:
    """Published articles that fit, best first. Only those are read whole; of the others, what they are found by."""
    counts = valid.counting()
    documents = _documents(session, fitting(session, query, LOOKED_AT, counts), counts)
    best = [fit for fit in _fits(session, query, documents) if fit.score > 0][:limit]
    found = select(Article).where(Article.id.in_([fit.article for fit in best]), counts)
    articles = {article.id: article for article in session.scalars(found)}
    still = [fit for fit in best if fit.article in articles]  # one may be taken offline in this moment
    return [Hit(articles[fit.article], fit.score, fit.close) for fit in still]


def fitting(session: Session, query: str, limit: int, among: ColumnElement[bool]) -> list[int]:
    """The ids of articles that may fit, by either view; by words only `among` these, by meaning what is learned."""
    by_words = searching.alike(session, Article, f"{query} {plain(query)}", limit, among)
    heard = meant(session, query)
    by_meaning = [article for article, _ in vectors.shelf(session).nearest(heard, limit)] if heard is not None else []
    return list(dict.fromkeys((*by_words, *by_meaning)))


def near(session: Session, query: str, articles: Sequence[Article]) -> list[Hit]:
    """All these articles, the best fit first; what fits by neither view scores nothing."""
    by_id = {article.id: article for article in articles}
    documents = {article.id: document(article.question, article.wordings) for article in articles}
    return [Hit(by_id[fit.article], fit.score, fit.close) for fit in _fits(session, query, documents)]


def _documents(session: Session, ids: Collection[int], among: ColumnElement[bool]) -> dict[int, Document]:
    """What these articles say."""
    said = select(Article.id, Article.question, Article.wordings).where(Article.id.in_(ids), among)
    return {row.id: document(row.question, row.wordings) for row in session.execute(said)}


def _fits(session: Session, query: str, documents: Mapping[int, Document]) -> list[_Fit]:
    """All of them, the best first, of equals the oldest."""
    ids, heard = sorted(documents), meant(session, query)
    by_words = dict(zip(ids, fits(query, [documents[article] for article in ids]), strict=True))
    cosines = vectors.shelf(session).cosines(heard, ids) if heard is not None else {}
    if not cosines:
        return sorted((_Fit(*one) for one in by_words.items()), key=lambda fit: -fit.score)
    best, usual = max(by_words.values()) or 1.0, statistics.median(cosines.values())
    fused = [_fused(article, score / best, cosines.get(article, usual)) for article, score in by_words.items()]
    return sorted(fused, key=lambda fit: -fit.score)


def _fused(article: int, words: float, cosine: float) -> _Fit:
    close = cosine >= CLOSE
    return _Fit(article, round(cosine + WORDS * words, 4) if words or close else 0.0, close)
