"""The pages of those who keep the content: templates of replies."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from bot.language import slots
from bot.language.fields import KNOWN, TYPES
from bot.nlu.policy import load as load_policy
from faq import replies, votes
from faq.models import ReplyTemplate
from faq.visit import do, keepers, kept, member, reading

LONGEST = 2000
JUDGED = 100

blueprint = Blueprint("content", __name__, url_prefix="/content", template_folder="templates")


@blueprint.get("")
@keepers
def start() -> ResponseReturnValue:
    return redirect(url_for("articles.page"))


@blueprint.get("/templates")
@keepers
def templates() -> ResponseReturnValue:
    with reading() as session:
        return _page(session, session.get(ReplyTemplate, request.args.get("edit", 0, type=int)))


@blueprint.post("/templates")
@keepers
def put_template() -> ResponseReturnValue:
    """A new template, or another wording of one; a refusal keeps what was typed."""
    form, known = request.form, request.form.get("id", type=int)
    given = {name: form.get(name, "")[:LONGEST] for name in ("category", "title", "text")}
    if given["category"] not in load_policy()[0].categories:
        given["category"] = ""
    by = member().id
    return kept(
        lambda session: replies.put(session, known, **given, by=by),
        "content.templates",
        lambda session, problem: _page(session, {"id": known, **given}, problem),
    )


@blueprint.post("/templates/<int:template_id>/delete")
@keepers
def drop_template(template_id: int) -> ResponseReturnValue:
    by = member().id
    do(lambda session: replies.drop(session, template_id, by=by))
    flash(gettext("已刪除範本。"))
    return redirect(url_for("content.templates"))


@blueprint.get("/helped")
@keepers
def helped() -> ResponseReturnValue:
    """What those who read /help say of its articles."""
    with reading() as session:
        return render_template("content/helped.html", judged=votes.judged(session, JUDGED))


def _page(session: Session, edited: Any, problem: str = "") -> str:
    return render_template(
        "content/templates.html",
        templates=[(template, slots(template.text, {})) for template in replies.every(session)],
        edited=edited,
        problem=problem,
        categories=tuple(load_policy()[0].categories),
        known=tuple(KNOWN),
        types=TYPES,
    )
