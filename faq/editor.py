"""The pages of those who keep the content: templates of replies."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from bot import db, dialogue
from bot.auth import allow, me
from bot.errors import Refused
from bot.language import slots
from bot.language.fields import KNOWN, TYPES
from bot.nlu.policy import load as load_policy
from bot.services import Services
from bot.transactions import transact
from faq import greetings, replies, votes
from faq.models import ReplyTemplate

LONGEST = 2000
JUDGED = 100

blueprint = Blueprint("content", __name__, url_prefix="/content", template_folder="templates")
keepers = allow("content.edit")


@blueprint.get("")
@keepers
def start() -> ResponseReturnValue:
    return redirect(url_for("articles.page"))


@blueprint.get("/templates")
@keepers
def templates() -> ResponseReturnValue:
    with db.reading(_services().sessions) as session:
        return _page(session, session.get(ReplyTemplate, request.args.get("edit", 0, type=int)))


@blueprint.post("/templates")
@keepers
def put_template() -> ResponseReturnValue:
    """A new template, or another wording of one; a refusal keeps what was typed."""
    form, known = request.form, request.form.get("id", type=int)
    given: dict[str, Any] = {name: form.get(name, "")[:LONGEST] for name in ("category", "title", "text", "serves")}
    given["buttons"] = form.get("buttons", "")[:LONGEST].splitlines()
    if given["category"] not in load_policy()[0].categories:
        given["category"] = ""
    if given["serves"] not in greetings.SERVES:
        given["serves"] = ""
    by = _member()
    try:
        _do(lambda session: replies.put(session, known, **given, by=by))
    except Refused as refused:
        with db.reading(_services().sessions) as session:
            problem = gettext(refused.reason, **refused.facts)
            return _page(session, {"id": known, **given}, problem), 409
    flash(gettext("已儲存。"))
    return redirect(url_for("content.templates"))


@blueprint.post("/templates/<int:template_id>/delete")
@keepers
def drop_template(template_id: int) -> ResponseReturnValue:
    by = _member()
    _do(lambda session: replies.drop(session, template_id, by=by))
    flash(gettext("已刪除範本。"))
    return redirect(url_for("content.templates"))


@blueprint.get("/helped")
@keepers
def helped() -> ResponseReturnValue:
    """What those who read /help say of its articles."""
    with db.reading(_services().sessions) as session:
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
        person=dialogue.replies(dialogue.DEFAULT_LANGUAGE).button(dialogue.PERSON).label,
    )


def _do(deed: Callable[[Session], object]) -> None:
    transact(_services().sessions, deed)


def _member() -> int:
    """Who keeps the content now."""
    found = me()
    assert found is not None, "the gate lets only members in"
    return found.id


def _services() -> Services:
    found: Services = current_app.extensions["frontline"]
    return found
