"""What is done with an article: sent to review, approved or returned, put online, taken back, talked about."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from bot.errors import Refused
from faq.articles import comment, drafting, move, roll_back, settle
from faq.models import Article
from faq.visit import approvers, do, keepers
from faq.writing import forms
from faq.writing.editing import refusal
from faq.writing.visit import blueprint, doer

OWN = frozenset({"send", "withdraw", "publish", "discard", "retire"})
OTHERS = frozenset({"approve", "return"})


@blueprint.post("/<int:article_id>/move")
@keepers
def take_on(article_id: int) -> ResponseReturnValue:
    """What its authors do; what they wrote just now is kept first."""
    return _moved(article_id, OWN)


@blueprint.post("/<int:article_id>/decide")
@approvers
def decide(article_id: int) -> ResponseReturnValue:
    """What whoever approves does."""
    return _moved(article_id, OTHERS)


@blueprint.post("/<int:article_id>/versions/<int:number>/restore")
@keepers
def restore(article_id: int, number: int) -> ResponseReturnValue:
    """What was live before is live again, at once."""
    by = doer()
    try:
        do(lambda session: roll_back(session, article_id, number, by))
    except Refused as refused:
        return refusal(article_id, refused)
    flash(gettext("第 %(number)s 版已重新上線，機器人的下一則回覆就是它。", number=number))
    return redirect(url_for("articles.edit", article_id=article_id))


@blueprint.post("/<int:article_id>/comments")
@keepers
def say(article_id: int) -> ResponseReturnValue:
    said, by = request.form.get("text", ""), doer()
    try:
        do(lambda session: comment(session, article_id, said, by))
    except Refused as refused:
        return refusal(article_id, refused)
    flash(gettext("已留下意見。"))
    return redirect(url_for("articles.edit", article_id=article_id, _anchor="steps"))


@blueprint.post("/<int:article_id>/comments/<int:step_id>/settle")
@keepers
def mark_settled(article_id: int, step_id: int) -> ResponseReturnValue:
    """What a comment asked for is done."""
    try:
        do(lambda session: settle(session, article_id, step_id))
    except Refused as refused:
        return refusal(article_id, refused)
    return redirect(url_for("articles.edit", article_id=article_id))


def _moved(article_id: int, allowed: frozenset[str]) -> ResponseReturnValue:
    name, said, by, revision = request.form.get("move", ""), request.form.get("said", ""), doer(), forms.revision()
    written, sheet = forms.content() if "question" in request.form and name != "discard" else None, forms.sheet()

    def work(session: Session) -> bool:
        seen = drafting.save(session, article_id, written, revision, by, sheet).revision if written else revision
        move(session, article_id, name, seen, by, said)
        return session.get(Article, article_id) is not None

    try:
        if name not in allowed:
            raise Refused("這篇現在不能這樣做，重新整理看看狀態。")
        stays = do(work)
    except Refused as refused:
        return refusal(article_id, refused, written)
    flash(gettext("已完成。"))
    return redirect(url_for("articles.edit", article_id=article_id) if stays else url_for("articles.page"))
