"""One article: its editor, which keeps what is written at every pause, and how it will look to whom."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import now
from bot.errors import Refused
from bot.messages import utf16_units
from bot.nlu.policy import load
from faq import articles, tally
from faq.articles import (
    Content,
    Row,
    cards,
    checks,
    compare,
    drafting,
    live,
    needs_second,
    open_moves,
    pictures,
    rendering,
    state,
    variables,
)
from faq.articles import working as working_copy
from faq.articles.drafting import Overtaken
from faq.models import Article, ArticleStep
from faq.training import drafted
from faq.visit import do, keepers, reading, told
from faq.writing import forms
from faq.writing.alike import alike, sought
from faq.writing.faring import faring
from faq.writing.listing import keepers_of, listed
from faq.writing.visit import article_of, blueprint, doer

MESSENGER_UNITS = 2000


@blueprint.get("/<int:article_id>")
@keepers
def edit(article_id: int) -> ResponseReturnValue:
    with reading() as session:
        return drawn(session, article_of(session, article_id))


@blueprint.post("/<int:article_id>/draft")
@keepers
def save(article_id: int) -> ResponseReturnValue:
    """Keep what is written; by itself at every pause, or by the button. Two who write at once see both versions."""
    written, revision, by, sheet = forms.content(), forms.revision(), doer(), forms.sheet()
    try:
        do(lambda session: drafting.save(session, article_id, written, revision, by, sheet))
    except Refused as refused:
        return refusal(article_id, refused, written)
    if "HX-Request" not in request.headers:
        flash(gettext("草稿已儲存。"))
        return redirect(url_for("articles.edit", article_id=article_id))
    with reading() as session:
        article = article_of(session, article_id)
        found = None if forms.sought() == sought(written) else alike(session, article, written)
        return render_template("content/articles/kept.html", alike=found, **_known(session, article, written))


@blueprint.post("/<int:article_id>/care")
@keepers
def care(article_id: int) -> ResponseReturnValue:
    """Whose it is, and when somebody reads it again; that needs no review."""
    owner, review_at, by = request.form.get("owner", 0, type=int), forms.day("review_at"), doer()

    def work(session: Session) -> None:
        known = {keeper.id: keeper for keeper in keepers_of(session)}
        articles.care(session, article_id, known.get(owner), review_at, by)

    do(work)
    flash(gettext("已儲存。"))
    return redirect(url_for("articles.edit", article_id=article_id))


def refusal(article_id: int, refused: Refused, written: Content | None = None) -> ResponseReturnValue:
    """The page again with what was written, and why it was not taken; where somebody else wrote, both stand there."""
    problem, both = told(refused), isinstance(refused, Overtaken)
    if "HX-Request" in request.headers:
        known = {"article_id": article_id, "problem": problem, "wrong": refused.field, "both": both}
        return render_template("content/articles/not_kept.html", **known), 409
    with reading() as session:
        article = article_of(session, article_id)
        clash = compare(refused.theirs, written) if isinstance(refused, Overtaken) and written else ()
        return drawn(session, article, written, problem, clash, wrong=refused.field), 409


def drawn(
    session: Session,
    article: Article,
    written: Content | None = None,
    problem: str = "",
    clash: Sequence[Row] = (),
    wrong: str = "",
    tried: Sequence[Any] = (),
) -> str:
    """The page of an article; `wrong` is the field that a problem is about, `tried` what sentences led to."""
    content, policy = written or working_copy(article), drafted(session)
    steps = select(ArticleStep).where(ArticleStep.article_id == article.id).order_by(ArticleStep.id.desc())
    return render_template(
        "content/articles/page.html",
        problem=problem,
        wrong=wrong,
        clash=clash,
        steps=session.scalars(steps).all(),
        against=compare(live(article), content) if article.live and article.draft is not None else (),
        intents=forms.options(policy),
        drafted=policy,
        variables=variables.KNOWN,
        fares=faring(session, article),
        share=tally.share,
        tried=tried,
        policy=load()[0],
        alike=alike(session, article, content),
        **_known(session, article, content),
        **listed(session),
    )


def faults_of(session: Session, article: Article, content: Content) -> list[checks.Fault]:
    """All that is wrong with what stands there."""
    gone = pictures.missing(session, article, content)
    return [*checks.faults(content), *(checks.Fault(refused.field, refused) for refused in gone)]


def _known(session: Session, article: Article, content: Content) -> dict[str, Any]:
    """What changes with every word: what may be done, what is wrong, how it looks."""
    risky, texts = needs_second(session, article, content), _card_texts(content)
    return {
        "article": article,
        "content": content,
        "stage": state(article),
        "risky": risky,
        "moves": open_moves(article, doer(), risky=risky),
        "faults": faults_of(session, article, content),
        "sought": sought(content),
        "pictures": pictures.of(session, article),
        "picture_address": pictures.address,
        "shown": [variables.example(wording) for wording in content.wordings],
        "differs": variables.differs,
        "to_strangers": variables.to_strangers,
        "example": variables.example,
        "card_texts": texts,
        "on_messenger": _on_messenger(content, texts),
        "ways": cards.WAYS,
        "shots": checks.PICTURES,
        "page_html": rendering.page(variables.to_strangers(content.page)),
        "units": utf16_units,
        "messenger_units": MESSENGER_UNITS,
        "kept_at": article.drafted_at or now(),
    }


def _on_messenger(content: Content, texts: Sequence[Mapping[str, str]]) -> bool:
    return all(cards.drawn_on_messenger(content.card, one["words"], film=bool(content.video)) for one in texts)


def _card_texts(content: Content) -> list[dict[str, str]]:
    """What the card says, once for each wording that it may show."""
    if content.card is None:
        return []
    words = [content.card.words] if content.card.words else (content.wordings or ("",))
    title = variables.example(content.card.title)
    return [{"title": title, "words": variables.example(one)} for one in words]
