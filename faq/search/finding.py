"""The search: candidates by the engine's own index and by meaning, then both views of each together.

Characters know no synonyms, and the embedding takes what merely sounds alike for the same: together they are right
more often than either. Without the embedding (it is not here, or nobody has learned the article yet) characters decide.
"""

import statistics
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from bot import searching
from bot.nlu.embedding import Floats
from faq.articles import valid
from faq.models import Article
from faq.search import vectors
from faq.search.listening import Heard, listen
from faq.search.ranking import Hit, fits, plain

LOOKED_AT = 40  # articles by each view
WORDS = 0.05  # how much the best fit by characters weighs, in cosines
CLOSE = 0.88  # the cosine from which an article fits that shares no word; of what nobody answers few come so near


@dataclass(frozen=True)
class _Fit:
    """How well the article of an id fits, as in `Hit`; of those that do not, `cosine` tells which is least strange."""

    article: int
    score: float
    close: bool = False
    cosine: float = 0.0


def search(session: Session, query: str, limit: int = 10) -> list[Hit]:
    """Published articles that fit, best first. Only those are read whole; of the others, what they are found by."""
    counts, heard = valid.counting(), listen(session, query)
    by_words = _by_words(session, query, LOOKED_AT, counts)
    by_meaning = set(_by_meaning(session, LOOKED_AT, heard)) - by_words.keys()
    documents = by_words | _documents(session, by_meaning, counts)
    best = [fit for fit in _fits(session, query, documents, heard()) if fit.score > 0][:limit]
    found = select(Article).where(Article.id.in_([fit.article for fit in best]), counts)
    articles = {article.id: article for article in session.scalars(found)}
    still = [fit for fit in best if fit.article in articles]  # one may be taken offline in this moment
    return [Hit(articles[fit.article], fit.score, fit.close) for fit in still]


def fitting(session: Session, query: str, limit: int, among: ColumnElement[bool]) -> list[int]:
    """The ids of articles that may fit, by either view; by words only `among` these, by meaning what is learned."""
    heard = listen(session, query)
    by_words = _by_words(session, query, limit, among)
    return list(dict.fromkeys((*by_words, *_by_meaning(session, limit, heard))))


def near(session: Session, query: str, articles: Sequence[Article]) -> list[Hit]:
    """All these articles, the best fit first; what fits by neither view scores nothing."""
    heard = listen(session, query)
    by_id = {article.id: article for article in articles}
    documents = _documents(session, by_id, true())
    return [Hit(by_id[fit.article], fit.score, fit.close) for fit in _fits(session, query, documents, heard())]


def nearest(session: Session, query: str, articles: Sequence[Article]) -> Article:
    """The best of them by characters: who answers a customer holds others up, and each process must choose alike."""
    documents = _documents(session, [article.id for article in articles], true())
    scores = fits(query, [documents.get(article.id) for article in articles])
    return articles[scores.index(max(scores))]


def _by_words(session: Session, query: str, limit: int, among: ColumnElement[bool]) -> dict[int, str]:
    """Articles that share words with the question, and what they are found by."""
    return searching.alike(session, Article, f"{query} {plain(query)}", limit, among)


def _by_meaning(session: Session, limit: int, heard: Heard) -> list[int]:
    """Articles that mean most alike."""
    shelf = vectors.shelf(session)  # looks for new ones while others still listen
    meant = heard()
    return [article for article, _ in shelf.nearest(meant, limit)] if meant is not None else []


def _documents(session: Session, ids: Collection[int], among: ColumnElement[bool]) -> dict[int, str | None]:
    """What these articles are found by."""
    said = select(Article.id, Article.words).where(Article.id.in_(ids), among)
    return {article: words for article, words in session.execute(said)}


def _fits(session: Session, query: str, documents: Mapping[int, str | None], heard: Floats | None) -> list[_Fit]:
    """All of them, the best first, of equals the oldest."""
    ids = sorted(documents)
    by_words = dict(zip(ids, fits(query, [documents[article] for article in ids]), strict=True))
    cosines = vectors.shelf(session).cosines(heard, ids) if heard is not None else {}
    if not cosines:
        return sorted((_Fit(*one) for one in by_words.items()), key=lambda fit: -fit.score)
    best, usual = max(by_words.values()) or 1.0, statistics.median(cosines.values())
    fused = [_fused(article, score / best, cosines.get(article, usual)) for article, score in by_words.items()]
    return sorted(fused, key=lambda fit: (-fit.score, -fit.cosine))


def _fused(article: int, words: float, cosine: float) -> _Fit:
    close = cosine >= CLOSE
    return _Fit(article, round(cosine + WORDS * words, 4) if words or close else 0.0, close, cosine)
