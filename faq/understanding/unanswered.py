"""/content/unanswered: what nobody could answer, in groups; one click makes something of a group."""

from collections.abc import Sequence

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import Refused
from bot.matrix import UNKNOWN
from faq import unanswered as loop
from faq import votes
from faq.models import Article
from faq.training import Working
from faq.understanding.visit import back, blueprint, done_or_told, draw, given, title_of
from faq.visit import do, keepers, member, reading, told

SHOWN = 40  # groups on a page
FAILING = 5  # articles that did not help
MOST = 400  # messages ticked at once
LONGEST = 5000


@blueprint.get("/unanswered")
@keepers
def unanswered() -> ResponseReturnValue:
    """The largest groups first; and the articles whose readers say that they did not help."""
    with reading() as session:
        working = Working.read(session)
        groups = loop.grouped(loop.gather(session, working))
        failing = votes.failing(session, FAILING)
        articles = _articles(session, groups[:SHOWN])
    return draw(
        "unanswered",
        failing=failing,
        articles=articles,
        policy=working.policy,
        groups=groups[:SHOWN],
        count=sum(len(one.messages) for one in groups),
        all=len(groups),
    )


@blueprint.post("/unanswered/teach")
@keepers
def teach() -> ResponseReturnValue:
    """The ticked ones become examples of the chosen intent, or of what is none of our business."""
    by, those = member().id, _ticked()
    intent = UNKNOWN if request.form.get("do") == "out_of_scope" else given("to")
    try:
        added = do(lambda session: loop.teach(session, those, intent, by=by))
    except Refused as refused:
        return back("unanswered", told(refused), "refused")
    for left in added.left:
        flash(gettext("「%(text)s」沒有加入：%(why)s", text=left.text, why=told(left.reason)), "refused")
    if added.texts:
        title = title_of(intent)
        flash(gettext("已加入「%(title)s」%(count)s 句，建立版本之後生效。", title=title, count=len(added.texts)))
    return redirect(url_for("understanding.unanswered"))


@blueprint.post("/unanswered/article")
@keepers
def write_article() -> ResponseReturnValue:
    """A draft that answers them; it goes online as every article does."""
    by, those, answer, intent = member().id, _ticked(), given("answer", LONGEST), given("to")
    words = gettext("已存成常見問題的草稿，審核上線之後機器人才會用。")
    return done_or_told(lambda session: loop.write_article(session, those, answer, intent, by=by), "unanswered", words)


@blueprint.post("/unanswered/dismiss")
@keepers
def dismiss() -> ResponseReturnValue:
    """Nothing is to be learned from the ticked ones."""
    by, those = member().id, _ticked()
    return done_or_told(lambda session: loop.dismiss(session, those, by=by), "unanswered", gettext("已略過。"))


def _articles(session: Session, groups: Sequence[loop.Group]) -> dict[str, Article]:
    """What was answered and did not help, by its name."""
    names = {name for group in groups for name in group.articles}
    return {one.external_id: one for one in session.scalars(select(Article).where(Article.external_id.in_(names)))}


def _ticked() -> list[loop.Unanswered]:
    with reading() as session:
        return loop.chosen(session, request.form.getlist("message", type=int)[:MOST])
