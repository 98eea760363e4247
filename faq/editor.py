"""The pages of those who keep the content: templates of replies."""

from collections.abc import Mapping
from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from bot import attachments, dialogue
from bot.auth import allow
from bot.auth.bodies import files_too
from bot.errors import Refused
from bot.language import slots
from bot.language.fields import KNOWN, TYPES
from bot.nlu.policy import load as load_policy
from faq import enclosing, greetings, replies, votes
from faq.models import ReplyTemplate
from faq.visit import do, keepers, member, reading, services, told

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
@files_too
@keepers
def put_template() -> ResponseReturnValue:
    """A new template, or another wording of one, with its file; a refusal keeps what was typed."""
    form, known = request.form, request.form.get("id", type=int)
    given: dict[str, Any] = {name: form.get(name, "")[:LONGEST] for name in ("category", "title", "text", "serves")}
    given["buttons"] = form.get("buttons", "")[:LONGEST].splitlines()
    if given["category"] not in load_policy()[0].categories:
        given["category"] = ""
    if given["serves"] not in greetings.SERVES:
        given["serves"] = ""
    by = member().id
    try:
        _put(known, given, by)
    except Refused as refused:
        with reading() as session:
            return _page(session, {"id": known, **given}, told(refused)), 409
    flash(gettext("已儲存。"))
    return redirect(url_for("content.templates"))


def _put(known: int | None, given: Mapping[str, str], by: int) -> None:
    """The file is kept first, so that whoever is refused finds nothing of it in the template, nor a template of it."""
    file = request.files.get("file")
    file_id = enclosing.take_in(services(), file.filename, file.stream, by) if file and file.filename else None

    def put(session: Session) -> None:
        template = replies.put(session, known, **given, by=by)
        if file_id is not None:
            enclosing.enclose(session, template.id, file_id, by)

    do(put)


@blueprint.post("/templates/<int:template_id>/file/remove")
@keepers
def drop_file(template_id: int) -> ResponseReturnValue:
    """It is sent with this template no longer."""
    by = member().id
    do(lambda session: enclosing.leave(session, template_id, by))
    flash(gettext("已移除檔案。"))
    return redirect(url_for("content.templates", edit=template_id))


@blueprint.get("/templates/files/<key>")
@allow("told")
def template_picture(key: str) -> ResponseReturnValue:
    """What goes with a template, small, for those who may send it or write it."""
    with reading() as session:
        known = enclosing.shown(session, key)
    try:
        file = attachments.store(services().settings).open(attachments.small_copy(key)) if known else None
    except FileNotFoundError:
        file = None
    return send_file(file, "image/jpeg", etag=False) if file else Response(status=404)


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
    kept = replies.every(session)
    return render_template(
        "content/templates.html",
        files=enclosing.of(session, [template.id for template in kept]),
        templates=[(template, slots(template.text, {})) for template in kept],
        edited=edited,
        problem=problem,
        categories=tuple(load_policy()[0].categories),
        known=tuple(KNOWN),
        types=TYPES,
        person=dialogue.replies(dialogue.DEFAULT_LANGUAGE).button(dialogue.PERSON).label,
    )
