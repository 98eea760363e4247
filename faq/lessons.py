"""/content/cases and /content/contacts: solved cases, and whom one calls, as those who keep them see them."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from bot.errors import Refused
from bot.messages import printable
from bot.nlu.policy import load as load_policy
from bot.ports import Lesson
from faq import contacts, keeping, library
from faq.articles import Row
from faq.models import DepartmentContact, SolvedCase
from faq.visit import do, keepers, kept, member, reading, seen, told

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
    mine = {**given, "shown": shown}
    return kept(
        lambda session: library.put(session, known, Lesson(**given), shown, by, seen=seen()),
        "lessons.page",
        lambda session, no: _page(session, _typed(no, known, mine), told(no), keeping.clash(no, mine)),
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
        lambda session: contacts.put(session, known, given, by, seen=seen()),
        "lessons.contact_list",
        lambda session, no: _contacts(session, _typed(no, known, given), told(no), keeping.clash(no, given)),
    )


@blueprint.post("/contacts/<int:contact_id>/delete")
@keepers
def drop_contact(contact_id: int) -> ResponseReturnValue:
    by = member().id
    do(lambda session: contacts.drop(session, contact_id, by))
    flash(gettext("已刪除聯絡方式。"))
    return redirect(url_for("lessons.contact_list"))


def _typed(refused: Refused, known: int | None, mine: Mapping[str, Any]) -> dict[str, Any]:
    return keeping.after(refused, known, mine, seen())


def _contacts(session: Session, edited: Any, problem: str = "", clash: Sequence[Row] = ()) -> str:
    return render_template(
        "content/contacts.html",
        clash=clash,
        changes=keeping.history(session, contacts.KEPT, edited),
        contacts=contacts.every(session),
        edited=edited,
        problem=problem,
        categories=tuple(load_policy()[0].categories),
    )


def _page(session: Session, edited: Any, problem: str = "", clash: Sequence[Row] = ()) -> str:
    words = request.args.get("q", "").strip()[:LONGEST_QUERY]
    return render_template(
        "content/cases.html",
        clash=clash,
        changes=keeping.history(session, library.KEPT, edited),
        cases=library.every(session, words, SHOWN),
        words=words,
        edited=edited,
        problem=problem,
        categories=tuple(load_policy()[0].categories),
    )
