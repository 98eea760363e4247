"""The pages of those who keep the content: templates of replies."""

from collections.abc import Callable, Mapping, Sequence
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
from bot.auth import Member, allow, may
from bot.auth.bodies import files_too
from bot.errors import Refused
from bot.language import slots
from bot.language.fields import KNOWN, TYPES
from bot.nlu.policy import load as load_policy
from faq import enclosing, greetings, keeping, replies, votes
from faq.articles import Row
from faq.models import ReplyTemplate
from faq.visit import do, keepers, member, reading, seen, services, told

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
    try:
        _put(known, given, member())
    except Refused as refused:
        with reading() as session:
            edited = keeping.after(refused, known, given, seen())
            return _page(session, edited, told(refused), _clash(session, refused, known, given)), 409
    flash(gettext("已儲存。"))
    return redirect(url_for("content.templates"))


def _put(known: int | None, given: Mapping[str, str], by: Member) -> None:
    """The file is kept first, so that whoever is refused finds nothing of it in the template, nor a template of it."""
    file = request.files.get("file")
    file_id = enclosing.take_in(services(), file.filename, file.stream, by.id) if file and file.filename else None

    def put(session: Session) -> None:
        replies.require_may(session, known, by.role, given)
        template = replies.put(session, known, **given, by=by.id, seen=seen())
        if file_id is not None:
            enclosing.enclose(session, template.id, file_id, by.id)

    do(put)


def _clash(session: Session, refused: Refused, known: int | None, given: Mapping[str, Any]) -> Sequence[Row]:
    """Both versions with their files: who chose none leaves the one that is there."""
    there = [file.name for file in enclosing.of(session, [known or 0]).values()]
    chosen = [file.filename for file in request.files.values() if file.filename]
    return keeping.clash(refused, {**given, "file": chosen or there}, file=there)


@blueprint.post("/templates/<int:template_id>/file/remove")
@keepers
def drop_file(template_id: int) -> ResponseReturnValue:
    """It is sent with this template no longer."""
    back = redirect(url_for("content.templates", edit=template_id))
    return _taken(template_id, enclosing.leave, gettext("已移除檔案。"), back)


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
    return _taken(template_id, replies.drop, gettext("已刪除範本。"), redirect(url_for("content.templates")))


def _taken(
    template_id: int, take: Callable[[Session, int, int], None], done: str, back: ResponseReturnValue
) -> ResponseReturnValue:
    """A template, or its file, is gone, unless it is another's to decide or another has changed it since."""
    by = member()

    def deed(session: Session) -> None:
        replies.require_may(session, template_id, by.role)
        replies.require_newest(session, template_id, seen())
        take(session, template_id, by.id)

    try:
        do(deed)
    except Refused as refused:
        with reading() as session:
            return _page(session, None, told(refused)), 409
    flash(done)
    return back


@blueprint.get("/helped")
@keepers
def helped() -> ResponseReturnValue:
    """What those who read the articles on /help, or were answered with them in a chat, say of them."""
    with reading() as session:
        return render_template("content/helped.html", judged=votes.judged(session, JUDGED))


def _page(session: Session, edited: Any, problem: str = "", clash: Sequence[Row] = ()) -> str:
    kept, categories = replies.every(session), tuple(load_policy()[0].categories)
    return render_template(
        "content/templates.html",
        clash=clash,
        changes=keeping.history(session, replies.KEPT, edited),
        files=enclosing.of(session, [template.id for template in kept]),
        templates=[(template, slots(template.text, {})) for template in kept],
        edited=edited,
        problem=problem,
        approves=may(member().role, "content.approve"),
        categories=categories,
        risky=set(filter(replies.risky, ("", *categories))),
        known=tuple(KNOWN),
        types=TYPES,
        person=dialogue.replies(dialogue.DEFAULT_LANGUAGE).button(dialogue.PERSON).label,
    )
