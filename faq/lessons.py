"""/content/cases: the library of solved cases, as those who keep it see it."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from bot import db
from bot.auth import allow, me
from bot.errors import Refused
from bot.messages import printable
from bot.nlu.policy import load as load_policy
from bot.ports import Lesson
from bot.services import Services
from bot.transactions import transact
from faq import library
from faq.models import SolvedCase

SHOWN = 100
LONGEST = 4000
LONGEST_QUERY = 100

blueprint = Blueprint("lessons", __name__, url_prefix="/content/cases", template_folder="templates")
keepers = allow("content.edit")


@blueprint.get("")
@keepers
def page() -> ResponseReturnValue:
    """What there is; one of them to be changed."""
    with db.reading(_services().sessions) as session:
        return _page(session, session.get(SolvedCase, request.args.get("edit", 0, type=int)))


@blueprint.post("")
@keepers
def put() -> ResponseReturnValue:
    """A new one, or a known one as it reads from now on; a refusal keeps what was typed."""
    form, known, by = request.form, request.form.get("id", type=int), _member()
    given = {name: printable(form.get(name, "")[:LONGEST]) for name in ("title", "category", *library.PARTS)}
    if given["category"] not in load_policy()[0].categories:
        given["category"] = ""
    shown = bool(form.get("shown"))
    try:
        _do(lambda session: library.put(session, known, Lesson(**given), shown, by))
    except Refused as refused:
        with db.reading(_services().sessions) as session:
            problem = gettext(refused.reason, **refused.facts)
            return _page(session, {"id": known, "shown": shown, **given}, problem), 409
    flash(gettext("已儲存。"))
    return redirect(url_for("lessons.page"))


@blueprint.post("/<int:case_id>/delete")
@keepers
def drop(case_id: int) -> ResponseReturnValue:
    by = _member()
    _do(lambda session: library.drop(session, case_id, by))
    flash(gettext("已刪除案例。"))
    return redirect(url_for("lessons.page"))


def _page(session: Session, edited: Any, problem: str = "") -> str:
    words = request.args.get("q", "").strip()[:LONGEST_QUERY]
    return render_template(
        "content/cases.html",
        cases=library.every(session, words, SHOWN),
        words=words,
        edited=edited,
        problem=problem,
        categories=tuple(load_policy()[0].categories),
    )


def _do(deed: Callable[[Session], object]) -> None:
    transact(_services().sessions, deed)


def _member() -> int:
    found = me()
    assert found is not None, "the gate lets only members in"
    return found.id


def _services() -> Services:
    found: Services = current_app.extensions["frontline"]
    return found
