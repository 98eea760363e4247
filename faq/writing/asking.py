"""Would this article be what the bot answers with? Sentences judged as customers' first messages, before it is live."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from bot.errors import Refused
from bot.nlu.policy import load
from bot.nlu.verdict import Judgement, Request, reach
from bot.ports import Query
from faq.answers import in_language, published
from faq.articles import Content, put
from faq.articles import working as working_copy
from faq.models import Article
from faq.search.ranking import fits
from faq.visit import keepers, reading, services, told
from faq.writing.editing import drawn
from faq.writing.visit import article_of, blueprint

MOST = 20  # sentences at once
LONGEST = 1000  # characters of one
SHOWN = 12  # of one that is too long


@dataclass(frozen=True)
class Asked:
    """A sentence, the request in it that counts here, and the article that would answer: this (`own`) or another."""

    text: str
    request: Request
    answer: Article | None
    own: bool

    @property
    def sure(self) -> float:
        return self.request.understanding.confidence


@blueprint.post("/<int:article_id>/ask")
@keepers
def ask(article_id: int) -> ResponseReturnValue:
    """A part of the page for who asks from it, all of it without JavaScript. Nothing is kept of it."""
    try:
        judged = [(line, reach(services().wiring.nlu, line)) for line in _sentences() or _own(article_id)]
    except Refused as refused:
        return _drawn(article_id, problem=told(refused)), 409
    return _drawn(article_id, judged)


def _sentences() -> list[str]:
    """Each once; Refused where they are more, or longer, than anybody would wait for."""
    found = list(dict.fromkeys(filter(None, map(str.strip, request.form.get("sentences", "").splitlines()))))
    if len(found) > MOST:
        raise Refused("一次最多問 %(most)s 句，現在有 %(count)s 句。分幾次問。", most=MOST, count=len(found))
    for line in found:
        if len(line) > LONGEST:
            raise Refused("「%(start)s…」超過 %(most)s 個字，寫短一點再問。", start=line[:SHOWN], most=LONGEST)
    return found


def _own(article_id: int) -> list[str]:
    """What its author wrote down that one would ask: the page of one that was just begun proposes nothing yet."""
    with reading() as session:
        question = working_copy(article_of(session, article_id)).question
    if not question:
        raise Refused("先寫下顧客會怎麼問。")
    return [question[:LONGEST]]


def _drawn(article_id: int, judged: Sequence[tuple[str, Judgement]] = (), problem: str = "") -> str:
    with reading() as session:
        article = article_of(session, article_id)
        content = working_copy(article)
        tried = [_asked(session, article, content, *one) for one in judged]
        if "HX-Request" not in request.headers:
            return drawn(session, article, problem=problem, tried=tried)
        known = {"content": content, "tried": tried, "policy": load()[0], "unasked": problem}
        return render_template("content/articles/asked.html", **known)


def _asked(session: Session, article: Article, content: Content, text: str, judged: Judgement) -> Asked:
    each = [_answered(session, article, content, text, one) for one in judged.requests]
    lead = judged.requests.index(judged.lead)
    return next((one for one in each if one.own), each[lead])


def _answered(session: Session, article: Article, content: Content, text: str, one: Request) -> Asked:
    """By the choice that `faq.answers` makes, were this article live as it is written now."""
    if one.decision.route != "auto":
        return Asked(text, one, None, own=False)
    tier, language = next(iter(content.tiers), ""), one.understanding.language
    live = published(session, Query(one.text, one.decision.intent, language=language, tier=tier))
    rivals = [other for other in live if other.id != article.id]
    if content.wordings and content.intent == one.decision.intent:
        rivals.append(_were_it_live(article, content))
    best = _nearest(one.text, in_language(rivals, language)) if rivals else None
    return Asked(text, one, best, own=best is not None and best.external_id == article.external_id)


def _were_it_live(article: Article, content: Content) -> Article:
    """A row that is in no database."""
    row = Article(external_id=article.external_id)
    put(row, content)
    row.read()
    return row


def _nearest(text: str, articles: Sequence[Article]) -> Article:
    """The best by characters, as `faq.search.nearest` has it, which knows rows of the database alone."""
    scores = fits(text, [one.words for one in articles])
    return articles[scores.index(max(scores))]
