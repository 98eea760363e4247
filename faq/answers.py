"""What the bot may say: published articles, one wording at a time, with the customer's name where known.

Only wordings are said; what an article keeps internal is not among them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from bot import services
from bot.dialogue import PERSON, replies
from bot.language import verdict as said_as
from bot.messages import Button, Media, Outbound
from bot.ports import Answer, Query
from faq.articles import cards, live, pictures, trees, valid, variables
from faq.articles.content import CUSTOMERS
from faq.articles.trees import Option, Place, Tree
from faq.drawing import drawn, under
from faq.models import Article
from faq.search import nearest

CASE = "{case"  # as articles name it, with words of their own or without
TITLE = 40  # characters of the question, by which colleagues know what was shown


class PublishedAnswers:
    """`bot.ports.Answers` over the articles in the database."""

    def find(self, session: Session, query: Query) -> Answer | None:
        """The published answer to the intent; of several the one nearest to what was asked."""
        articles = in_language(published(session, query), query.language)
        if not articles:
            return None
        article = nearest(session, query.text, articles) if len(articles) > 1 else articles[0]
        wording = article.wordings[query.seed % len(article.wordings)]
        known = _known(query, article)
        said = filmed(variables.filled(wording, known), article)
        answer = Answer(_spoken(article, said), article.external_id, article.version, _pictures(article))
        if card := live(article).card:
            path = () if card.of(cards.TREE) else None
            return replace(answer, message=drawn(article, card, wording, known), path=path)
        tree = _tree(article)
        return _asked(answer, said, trees.walk(tree, ()), (), known) if tree else answer

    def go_on(self, session: Session, source: str, path: Sequence[int], query: Query) -> Answer | None:
        """The next question, or the verdict."""
        named = select(Article).where(valid.counting(), Article.external_id == source)
        article = session.scalars(named).one_or_none()
        tree = _tree(article) if article else None
        if article is None or tree is None:
            return None
        step = trees.walk(tree, path).step
        labels = [option.label for option in step.options] if step else []
        tapped, begun = query.text.strip(), Answer(Outbound(""), source, article.version)
        known = _known(query, article)
        if tapped not in labels:  # a card stays in the chat: its button begins anew from any step
            return _asked(begun, "", trees.walk(tree, ()), (), known) if tapped in _begins(article) else None
        way = (*path, labels.index(tapped))
        place = trees.walk(tree, way)
        return _ended(begun, article, place.end, known) if place.end else _asked(begun, "", place, way, known)


def _known(query: Query, article: Article) -> dict[str, str]:
    """What stands in place of variables. Few articles name the case, and only for those it is looked up."""
    texts = (*article.wordings, article.tree, str(article.card or ""))
    case = {"case": query.case()} if any(CASE in text for text in texts) else {}
    return {**variables.of_the_house(), **query.facts, **case, "name": query.name}


def _tree(article: Article) -> Tree | None:
    """What customers of it may walk."""
    content = live(article)
    return content.walked if content.tree_for == CUSTOMERS else None


def _begins(article: Article) -> list[str]:
    """What is said by the button of a card that begins the tree."""
    card = live(article).card
    return [way.label for way in card.of(cards.TREE)] if card else []


def _asked(answer: Answer, said: str, place: Place, path: tuple[int, ...], known: Mapping[str, str]) -> Answer:
    """The question of a step below what is said already, with its options as buttons."""
    assert place.step is not None, "a tree that is live ends nowhere but in verdicts"
    buttons = tuple(Button(option.label, option.label) for option in place.step.options)
    text = f"{said}\n\n{variables.filled(place.step.question, known)}".strip()
    return replace(answer, message=Outbound(text, buttons), path=path)


def _ended(answer: Answer, article: Article, end: Option, known: Mapping[str, str]) -> Answer:
    """The verdict with its advice; where it depends, a person is a tap away."""
    verdict = said_as(end.verdict, article.language)
    advice = variables.filled(end.advice, known)
    person = (replies(article.language).button(PERSON),) if end.verdict == "depends" else ()
    said = _spoken(article, f"{verdict}\n{advice}".strip())
    return replace(answer, message=replace(said, buttons=(*said.buttons, *person)))


def _spoken(article: Article, said: str) -> Outbound:
    return Outbound(said, under(article))


def filmed(said: str, article: Article) -> str:
    """And where there is a film, its address."""
    return f"{said}\n{article.video}" if article.video else said


def _pictures(article: Article) -> tuple[Outbound, ...]:
    """What the chat shows; nothing where platforms could not fetch it from us."""
    house = services.current().settings.outside
    found = [f"{house}{pictures.address(key)}" for key in live(article).pictures] if house else []
    shown = (Media("image", where, f"{where}?small=1") for where in found)
    return tuple(Outbound(article.question[:TITLE], media=media) for media in shown)


def published(session: Session, query: Query) -> Sequence[Article]:
    """Articles of the intent for customers like this one."""
    found = session.scalars(_fitting(), {"meant": query.intent, **valid.today()}).all()
    return [article for article in found if not article.tiers or query.tier in article.tiers]


def in_language(articles: Sequence[Article], language: str) -> Sequence[Article]:
    """Those in the customer's language; all of them, where none is."""
    return [article for article in articles if article.language == language] or articles


@cache
def _fitting() -> Select[Article]:
    return select(Article).where(Article.intent == bindparam("meant"), *valid.COUNTS).order_by(Article.id)
