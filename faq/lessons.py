"""/content/cases and /content/contacts: solved cases, and whom one calls, as those who keep them see them."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from bot.messages import printable
from bot.nlu.policy import load as load_policy
from bot.ports import Lesson
from faq import contacts, library
from faq.models import DepartmentContact, SolvedCase
from faq.visit import do, keepers, kept, member, reading

SHOWN = 100
LONGEST = 4000
LONGEST_QUERY = 100

blueprint = Blueprint("lessons", __name__, url_prefix="/content", template_folder="templates")


@blueprint.get("/cases")
@keepers
def page() -> ResponseReturnValue:
    """What there is; one of them to be changed."""
    with reading() as session:
        return _page(session, session.get(SolvedCase, request.args.get("edit", 0, type=int)))


@blueprint.post("/cases")
@keepers
def put() -> ResponseReturnValue:
    """A new one, or a known one as it reads from now on; a refusal keeps what was typed."""
    form, known, by = request.form, request.form.get("id", type=int), member().id
    given = {name: printable(form.get(name, "")[:LONGEST]) for name in ("title", "category", *library.PARTS)}
    if given["category"] not in load_policy()[0].categories:
        given["category"] = ""
    shown = bool(form.get("shown"))
    return kept(
        lambda session: library.put(session, known, Lesson(**given), shown, by),
        "lessons.page",
        lambda session, problem: _page(session, {"id": known, "shown": shown, **given}, problem),
    )


@blueprint.post("/cases/<int:case_id>/delete")
@keepers
def drop(case_id: int) -> ResponseReturnValue:
    by = member().id
    do(lambda session: library.drop(session, case_id, by))
    flash(gettext("已刪除案例。"))
    return redirect(url_for("lessons.page"))


@blueprint.get("/contacts")
@keepers
def contact_list() -> ResponseReturnValue:
    """Whom one calls; one of them to be changed."""
    with reading() as session:
        return _contacts(session, session.get(DepartmentContact, request.args.get("edit", 0, type=int)))


@blueprint.post("/contacts")
@keepers
def put_contact() -> ResponseReturnValue:
    """A new one, or a known one as it is from now on; a refusal keeps what was typed."""
    known, by = request.form.get("id", type=int), member().id
    given = {name: printable(request.form.get(name, "")[:LONGEST]) for name in contacts.LONGEST}
    return kept(
        lambda session: contacts.put(session, known, given, by),
        "lessons.contact_list",
        lambda session, problem: _contacts(session, {"id": known, **given}, problem),
    )


@blueprint.post("/contacts/<int:contact_id>/delete")
@keepers
def drop_contact(contact_id: int) -> ResponseReturnValue:
    by = member().id
    do(lambda session: contacts.drop(session, contact_id, by))
    flash(gettext("已刪除聯絡方式。"))
    return redirect(url_for("lessons.contact_list"))


def _contacts(session: Session, edited: Any, problem: str = "") -> str:
    return render_template(
        "content/contacts.html",
        contacts=contacts.every(session),
        edited=edited,
        problem=problem,
        categories=tuple(load_policy()[0].categories),
    )


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
