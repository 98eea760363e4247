"""The search of articles: how long it takes where there are very many, and how often the right one comes first.

Time: articles of made-up text with random vectors, as fast to compare as real ones. Quality: the demo's articles, asked
for by sentences of customers, of which each should find an article of its intent; by each view alone, and by both.
"""

import random
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

import webhook_app
from benchmarks import machine
from benchmarks.load import share
from benchmarks.stage import workshop
from bot import db, services
from bot.cli import garbage
from bot.nlu import embedding, shipped
from bot.nlu.features import prepare
from bot.settings import Settings
from faq import demo, search
from faq.articles import valid
from faq.models import Article, ArticleVector
from faq.search import finding, vectors
from faq.search.ranking import fits
from faq.search.vectors import packed

BATCH = 2000
QUESTIONS = 200
ASKED = 600
DIMENSIONS = 384
COMMON_WORD = "訂單"  # alone it is a question too, whose rows nothing narrows
Ranked = Callable[[Session, str], list[Article]]


def measure(database: str, articles: int) -> dict[str, Any]:
    """Milliseconds of a search among so many articles, and the share of questions that find the right one."""
    with workshop(database) as (folder, made, _):
        crowded = _shop(folder / "crowded", made.make("crowded"))
        began = time.perf_counter()
        _fill(crowded, articles)
        stored = round(time.perf_counter() - began)
        search.wait()
        garbage.settle()
        facts, took = machine.facts(crowded.engine), _timed(crowded)
        crowded.engine.dispose()
        small = _shop(folder / "small", made.make("small"))
        quality = _quality(small)
        small.engine.dispose()
    return {
        "benchmark": "search",
        **facts,
        "load_average_after": machine.load(),
        "articles": articles,
        "stored_in_seconds": stored,
        "search_ms": took,
        "quality": quality,
    }


def _shop(folder: Any, url: str) -> services.Services:
    settings = Settings(frontline_data=folder, database_url=url)
    db.migrate(settings)
    return webhook_app.install(settings)


def _fill(current: services.Services, articles: int) -> None:
    """Articles of two sentences of the training data, and vectors that point anywhere."""
    drawn, numbers = random.Random(1), np.random.default_rng(1)
    texts = [example.text for example in shipped.examples()]
    for begin in range(0, articles, BATCH):
        count = min(BATCH, articles - begin)
        with current.sessions.begin() as session:
            rows = [_article(drawn, texts, begin + number) for number in range(count)]
            session.add_all(rows)
            session.flush()
            made = numbers.normal(size=(count, DIMENSIONS)).astype(np.float32)
            made /= np.linalg.norm(made, axis=1, keepdims=True)
            session.add_all(
                ArticleVector(article_id=row.id, version=1, vector=packed(vector))
                for row, vector in zip(rows, made, strict=True)
            )


def _article(drawn: random.Random, texts: Sequence[str], number: int) -> Article:
    question, *answer = drawn.choices(texts, k=5)
    text = f"{question} {number}"
    return Article(external_id=f"A{number}", question=text, wordings=["。".join(answer)], published=True)


def _questions() -> list[tuple[str, str]]:
    """Sentences of customers with their intents. The search learns from none of them; the order is drawn once."""
    found = [(example.text, example.intent) for example in shipped.examples() if len(example.text) <= 40]
    random.Random(2).shuffle(found)
    return found


def _timed(current: services.Services) -> dict[str, float]:
    asked = [COMMON_WORD, *(text for text, _ in _questions()[:QUESTIONS])]
    took = []
    with db.reading(current.sessions) as session:
        search.search(session, asked[-1], 10)
        for text in asked:
            began = time.perf_counter()
            search.search(session, text, 10)
            took.append((time.perf_counter() - began) * 1000)
            session.expunge_all()
    took.sort()
    return {"p50": round(share(took, 0.5), 1), "p95": round(share(took, 0.95), 1), "worst": round(took[-1], 1)}


def _quality(current: services.Services) -> dict[str, Any]:
    with current.sessions.begin() as session:
        demo.load_demo(session)
    search.learn_all(current.sessions)
    vectors.CHECK_SECONDS = 0
    with db.reading(current.sessions) as session:
        held = {article.intent for article in session.query(Article)}
        asked = [(text, intent) for text, intent in _questions() if intent in held][:ASKED]
        views = {"both": _both, "characters": _by_characters, "meaning": _by_meaning}
        return {"questions": len(asked), **{name: _right(session, view, asked) for name, view in views.items()}}


def _right(session: Session, view: Ranked, asked: Sequence[tuple[str, str]]) -> dict[str, float]:
    places = [[article.intent for article in view(session, text)] for text, _ in asked]
    first = sum(intent in found[:1] for found, (_, intent) in zip(places, asked, strict=True))
    among = sum(intent in found[:5] for found, (_, intent) in zip(places, asked, strict=True))
    return {"first": round(first / len(asked), 3), "in_five": round(among / len(asked), 3)}


def _both(session: Session, text: str) -> list[Article]:
    return [hit.article for hit in search.search(session, text, 5)]


def _by_characters(session: Session, text: str) -> list[Article]:
    ids = finding.fitting(session, text, finding.LOOKED_AT, valid.counting())
    found = session.scalars(select(Article).options(undefer(Article.words)).where(Article.id.in_(ids))).all()
    scores = fits(text, [article.words for article in found])
    return [found[at] for at in sorted(range(len(found)), key=lambda at: -scores[at])[:5]]


def _by_meaning(session: Session, text: str) -> list[Article]:
    nearest = vectors.shelf(session).nearest(embedding.vector(prepare(text)), 5)
    return [session.get_one(Article, article) for article, _ in nearest]
