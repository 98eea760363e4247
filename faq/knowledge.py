"""What is live, offered to who answers by hand: why each article was found stands beside it.

What is for colleagues only comes along apart: to be read, and never to be put into a reply.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Select, false, or_, select
from sqlalchemy.orm import Session

from bot.language import fold
from bot.ports import Contact, Hint, Lesson, Matter, Walked
from faq import contacts, library
from faq.answers import filmed
from faq.articles import live, trees, valid, variables
from faq.articles.content import CUSTOMERS
from faq.models import Article
from faq.search import Hit, fitting, near, tokens

SHARED = 3
LOOKED_AT = 100  # articles that may fit; a shop may have tens of thousands
BY_CHANCE = 1  # a case has many words, of which one is anywhere
FILLERS = frozenset(
    "的了是我你您他她很到在嗎呢吧也都就要會可以有沒不請好這那個還再和與及"
)  # a pair with one tells little
SPOKEN_OF = 1.3  # how much more an article weighs that names the customer's tier


class PublishedKnowledge:
    """`bot.ports.Knowledge` over the articles in the database."""

    def recommend(self, session: Session, matter: Matter, limit: int) -> list[Hint]:
        """Those of the same intent before those with the same words."""
        found = session.scalars(_may_fit(session, matter)).all()
        weighed = _weighed(session, matter, _theirs(found, matter))
        fit = [(weight, hint) for weight, hint in weighed if hint.why]
        return [hint for _, hint in sorted(fit, key=lambda one: one[0], reverse=True)[:limit]]

    def walk(self, session: Session, source: str, path: Sequence[int], matter: Matter) -> Walked | None:
        """As the tree is now: of choices that it has no longer, only those before count."""
        named = select(Article).where(valid.for_colleagues(), Article.external_id == source)
        article = session.scalars(named).one_or_none()
        content = live(article) if article else None
        if content is None or content.walked is None:
            return None
        place, told, known = trees.walk(content.walked, path), content.tree_for == CUSTOMERS, _known(matter)
        answered = tuple((variables.filled(question, known), label) for question, label in place.answered)
        if place.end:
            advice = variables.filled(place.end.advice, known)
            return Walked(answered, verdict=place.end.verdict, advice=advice, for_customers=told)
        assert place.step is not None, "what does not end goes on"
        asks = variables.filled(place.step.question, known)
        return Walked(answered, asks, tuple(option.label for option in place.step.options))

    def lessons(self, session: Session, matter: Matter, limit: int) -> list[Lesson]:
        """Of the library of solved cases."""
        return library.recommend(session, matter, limit)

    def contacts(self, session: Session, query: str, category: str, limit: int) -> list[Contact]:
        """Of the list that content staff keep."""
        return contacts.find(session, query, category, limit)

    def propose(self, session: Session, lesson: Lesson, source: str, name: str, by: int) -> bool:
        """For the library, once a case."""
        return library.propose(session, lesson, source, name, by)


def _may_fit(session: Session, matter: Matter) -> Select[Article]:
    counts = valid.for_colleagues()
    fits = Article.id.in_(fitting(session, matter.text, LOOKED_AT, counts))
    meant = Article.intent == matter.intent if matter.intent else false()
    return select(Article).where(counts, or_(fits, meant)).order_by(Article.id)


def _theirs(articles: Sequence[Article], matter: Matter) -> list[Article]:
    """For customers like this one, in his language where there are any; and what colleagues tell each other."""
    theirs = [article for article in articles if not article.tiers or matter.tier in article.tiers]
    spoken = any(article.language == matter.language for article in theirs if article.published)
    return [article for article in theirs if article.for_staff or not spoken or article.language == matter.language]


def _weighed(
    session: Session, matter: Matter, articles: Sequence[Article]
) -> Iterator[tuple[tuple[bool, float], Hint]]:
    asked = [token for token in dict.fromkeys(tokens(matter.text)) if _tells(token)]
    held = {article.id: _words(article) for article in articles}
    common = {token: sum(token in words for words in held.values()) for token in asked}
    for hit in near(session, matter.text, articles):
        shared = sorted((token for token in asked if token in held[hit.article.id]), key=lambda token: common[token])
        hint = _hint(hit, matter, shared)
        yield ("intent" in hint.why, hit.score * (SPOKEN_OF if "tier" in hint.why else 1.0)), hint


def _hint(hit: Hit, matter: Matter, shared: Sequence[str]) -> Hint:
    article, same = hit.article, bool(matter.intent) and hit.article.intent == matter.intent
    alike = len(shared) > (BY_CHANCE if matter.intent else 0)
    meant = hit.close and not alike
    named = alike and _names(article, matter.tier)
    grounds = (("intent", same), ("words", alike), ("meaning", meant), ("tier", named))
    why = tuple(word for word, holds in grounds if holds)
    text = filmed(variables.filled(article.wordings[0], _known(matter)), article) if article.published else ""
    said = live(article)
    return Hint(
        article.external_id, article.question, text, why, tuple(shared[:SHARED]), said.internal, said.walked is not None
    )


def _known(matter: Matter) -> dict[str, str]:
    """What stands in place of variables."""
    return {**variables.of_the_house(), "name": matter.name, "case": matter.case, "order": matter.order}


def _tells(token: str) -> bool:
    """Whether somebody who reads it alone knows what it is about; a pair with a filler says little."""
    return len(token) > 1 and FILLERS.isdisjoint(token)


def _words(article: Article) -> set[str]:
    return {token for text in (article.question, *article.wordings) for token in tokens(text)}


def _names(article: Article, tier: str) -> bool:
    """Whether it speaks of customers of this tier."""
    if tier in article.tiers:
        return True
    return bool(tier) and any(fold(tier) in fold(text) for text in (article.question, *article.wordings))
