"""/content/menus: LINE's rich menus, as those who keep the content draw them."""

from contextlib import suppress

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from bot import attachments
from bot.auth import permissions
from bot.errors import Refused
from faq.menus import design, editing, picture
from faq.models import LineMenu
from faq.visit import approvers, do, keepers, member, reading, services, told

KINDS = "kind", "label", "value"

blueprint = Blueprint("storefront", __name__, url_prefix="/content/menus", template_folder="templates")


@blueprint.get("")
@keepers
def page() -> ResponseReturnValue:
    """The menu of one state: its draft, else what is live."""
    return _page(_state(request.args.get("state", "bot")))


@blueprint.post("/<state>")
@keepers
def save(state: str) -> ResponseReturnValue:
    """Keep the draft; with 上線 it goes live at once. A refusal keeps what was typed."""
    form = request.form
    parts = [tuple(form.get(f"{name}{at}", "")[: design.LINK] for name in KINDS) for at in range(design.MOST_PARTS)]
    typed = design.typed(form.get("layout", ""), form.get("bar", "")[:100], bool(form.get("opened")), parts)  # type: ignore[arg-type]
    try:
        _keep(_state(state), typed, form.get("revision", 0, type=int))
    except Refused as refused:
        return _page(state, refused, typed), 409
    flash(gettext("草稿已儲存。"))
    return redirect(url_for("storefront.page", state=state, _anchor="live"))


def _keep(state: str, typed: design.Design, revision: int) -> None:
    """With the picture that was sent along; one that nothing shows is not left in the store."""
    with reading() as session:
        editing.require_newest(session, state, revision)
    given = request.files.get("picture")
    drawn = picture.take_in(services().settings, given.stream) if given and given.filename else None
    try:
        unused = do(lambda session: editing.save(session, state, typed, drawn, revision))
    except Refused:
        _let_go(drawn.key if drawn else "")
        raise
    _let_go(unused)


def _let_go(key: str) -> None:
    with suppress(OSError):
        if key:
            attachments.store(services().settings).remove(key)


@blueprint.post("/<state>/publish")
@approvers
def publish(state: str) -> ResponseReturnValue:
    """The draft goes live; Refused while LINE would not take it."""
    by, revision = member().id, request.form.get("revision", 0, type=int)
    try:
        do(lambda session: editing.publish(session, _state(state), revision, by))
    except Refused as refused:
        return _page(state, refused), 409
    flash(gettext("上線了，幾秒後顧客就看得到。"))
    return redirect(url_for("storefront.page", state=state))


@blueprint.post("/<state>/withdraw")
@approvers
def withdraw(state: str) -> ResponseReturnValue:
    by = member().id
    do(lambda session: editing.withdraw(session, _state(state), by))
    flash(gettext("已下線。"))
    return redirect(url_for("storefront.page", state=state))


@blueprint.get("/pictures/<key>")
@keepers
def drawn(key: str) -> Response:
    """A picture of a draft or of what is live; of no others, since the store holds customers' files too."""
    with reading() as session:
        designs = [design.read(one) for kept in editing.every(session).values() for one in (kept.draft, kept.live)]
    found = next((one for one in designs if one.picture and one.picture == key), None) or abort(404)
    try:
        with attachments.store(services().settings).open(found.picture) as file:
            return Response(file.read(), mimetype=found.mime, headers={"X-Content-Type-Options": "nosniff"})
    except OSError:
        abort(404)


def _page(state: str, refused: Refused | None = None, typed: design.Design | None = None) -> str:
    with reading() as session:
        kept = editing.every(session)[_state(state)]
        shown = design.read(kept.draft or kept.live)
        newest = select(LineMenu).where(LineMenu.state == state, LineMenu.version == kept.version)
        at_line = session.scalars(newest.options(joinedload(LineMenu.account)).order_by(LineMenu.account_id)).all()
        return render_template(
            "content/menus.html",
            state=state,
            kept=kept,
            edited=typed or shown,
            shown=shown,
            live=design.read(kept.live) if kept.live else None,
            at_line=at_line if kept.live else (),
            layouts=design.LAYOUTS,
            kinds=design.KINDS,
            most=design.MOST_PARTS,
            approves=permissions.may(member().role, "content.approve"),
            problem=told(refused) if refused else "",
            wrong=refused.field if refused else "",
        )


def _state(name: str) -> str:
    return name if name in design.STATES else abort(404)
