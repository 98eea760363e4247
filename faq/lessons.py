"""/content/cases and /content/contacts: solved cases, and whom one calls, as those who keep them see them."""

from collections.abc import Callable, Mapping, Sequence
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
from faq import contacts, keeping, library
from faq.articles import Row
from faq.articles.drafting import Overtaken
from faq.models import DepartmentContact, SolvedCase

SHOWN = 100
LONGEST = 4000
LONGEST_QUERY = 100

blueprint = Blueprint("lessons", __name__, url_prefix="/content", template_folder="templates")
keepers = allow("content.edit")


@blueprint.get("/cases")
@keepers
def page() -> ResponseReturnValue:
    """What there is; one of them to be changed."""
    with db.reading(_services().sessions) as session:
        return _page(session, session.get(SolvedCase, request.args.get("edit", 0, type=int)))


@blueprint.post("/cases")
@keepers
def put() -> ResponseReturnValue:
    """A new one, or a known one as it reads from now on; a refusal keeps what was typed."""
    form, known, by = request.form, request.form.get("id", type=int), _member()
    given = {name: printable(form.get(name, "")[:LONGEST]) for name in ("title", "category", *library.PARTS)}
    if given["category"] not in load_policy()[0].categories:
        given["category"] = ""
    shown = bool(form.get("shown"))
    try:
        _do(lambda session: library.put(session, known, Lesson(**given), shown, by, seen=_seen()))
    except Refused as refused:
        with db.reading(_services().sessions) as session:
            problem = gettext(refused.reason, **refused.facts)
            mine = {**given, "shown": shown}
            return _page(session, {"id": known, **_after(refused, mine)}, problem, _clash(refused, mine)), 409
    flash(gettext("已儲存。"))
    return redirect(url_for("lessons.page"))


@blueprint.post("/cases/<int:case_id>/delete")
@keepers
def drop(case_id: int) -> ResponseReturnValue:
    by = _member()
    _do(lambda session: library.drop(session, case_id, by))
    flash(gettext("已刪除案例。"))
    return redirect(url_for("lessons.page"))


@blueprint.get("/contacts")
@keepers
def contact_list() -> ResponseReturnValue:
    """Whom one calls; one of them to be changed."""
    with db.reading(_services().sessions) as session:
        return _contacts(session, session.get(DepartmentContact, request.args.get("edit", 0, type=int)))


@blueprint.post("/contacts")
@keepers
def put_contact() -> ResponseReturnValue:
    """A new one, or a known one as it is from now on; a refusal keeps what was typed."""
    known, by = request.form.get("id", type=int), _member()
    given = {name: printable(request.form.get(name, "")[:LONGEST]) for name in contacts.LONGEST}
    try:
        _do(lambda session: contacts.put(session, known, given, by, seen=_seen()))
    except Refused as refused:
        with db.reading(_services().sessions) as session:
            problem = gettext(refused.reason, **refused.facts)
            clash = _clash(refused, given)
            return _contacts(session, {"id": known, **_after(refused, given)}, problem, clash), 409
    flash(gettext("已儲存。"))
    return redirect(url_for("lessons.contact_list"))


@blueprint.post("/contacts/<int:contact_id>/delete")
@keepers
def drop_contact(contact_id: int) -> ResponseReturnValue:
    by = _member()
    _do(lambda session: contacts.drop(session, contact_id, by))
    flash(gettext("已刪除聯絡方式。"))
    return redirect(url_for("lessons.contact_list"))


def _seen() -> int:
    """Which state was on the screen."""
    return request.form.get("revision", 0, type=int)


def _after(refused: Refused, mine: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed; who saves it once more has seen what it takes the place of."""
    return {**mine, "revision": refused.revision if isinstance(refused, Overtaken) else _seen()}


def _clash(refused: Refused, mine: Mapping[str, Any]) -> Sequence[Row]:
    return keeping.clash(refused.theirs, mine) if isinstance(refused, Overtaken) else ()


def _before(session: Session, told: str, edited: Any) -> Sequence[keeping.Change]:
    """What became of the one that is open."""
    known = edited.get("id") if isinstance(edited, dict) else getattr(edited, "id", None)
    return keeping.history(session, told, known) if known else ()


def _contacts(session: Session, edited: Any, problem: str = "", clash: Sequence[Row] = ()) -> str:
    return render_template(
        "content/contacts.html",
        clash=clash,
        changes=_before(session, contacts.KEPT, edited),
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
        changes=_before(session, library.KEPT, edited),
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
