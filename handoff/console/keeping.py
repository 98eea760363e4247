"""Filters kept under a name: made, changed and let go by whose they are."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from bot.errors import Refused
from bot.transactions import transact
from handoff.console.filters import Filter, own, saved
from handoff.console.routes import blueprint, chosen_view
from handoff.console.visit import member, services, staff
from handoff.models import SavedFilter

MOST = 30


@blueprint.post("/filters")
@staff
def keep_filter() -> ResponseReturnValue:
    """What the list is narrowed to now, under a name."""
    me, form = member().id, (_name(), chosen_view(), Filter.of(request.form).given)
    return _do(lambda session: _keep(session, me, *form))


@blueprint.post("/filters/<int:filter_id>")
@staff
def change_filter(filter_id: int) -> ResponseReturnValue:
    """Another name for it, and what the list is narrowed to now."""
    me, name, view, criteria = member().id, _name(), chosen_view(), Filter.of(request.form).given

    def change(session: Session) -> int:
        kept = _own(session, filter_id, me)
        _check(session, me, name, filter_id)
        kept.name, kept.view, kept.criteria = name, view, criteria
        return kept.id

    return _do(change)


@blueprint.post("/filters/<int:filter_id>/delete")
@staff
def drop_filter(filter_id: int) -> ResponseReturnValue:
    me = member().id
    transact(services().sessions, lambda session: session.delete(_own(session, filter_id, me)))
    flash(gettext("已刪除篩選。"))
    return redirect(url_for("console.start", view=chosen_view()))


def _keep(session: Session, me: int, name: str, view: str, criteria: dict[str, str]) -> int:
    _check(session, me, name)
    kept = SavedFilter(user_id=me, name=name, view=view, criteria=criteria)
    session.add(kept)
    session.flush()
    return kept.id


def _check(session: Session, me: int, name: str, this: int = 0) -> None:
    others = [kept for kept in saved(session, me) if kept.id != this]
    if not name:
        raise Refused("篩選要有名稱。")
    if name in [kept.name for kept in others]:
        raise Refused("已經有「%(name)s」了，換一個名稱。", name=name)
    if len(others) >= MOST:
        raise Refused("最多存 %(most)s 個篩選，先刪掉用不到的。", most=MOST)


def _own(session: Session, filter_id: int, me: int) -> SavedFilter:
    found = own(session, me, filter_id)
    if found is None:
        abort(404)
    return found


def _do(deed: Callable[[Session], int]) -> ResponseReturnValue:
    """To the list as it is kept; a refusal says why, and the list stays narrowed."""
    try:
        return redirect(url_for("console.start", kept=transact(services().sessions, deed)))
    except Refused as refused:
        flash(gettext(refused.reason, **refused.facts))
        narrowed: dict[str, Any] = {"view": chosen_view(), **Filter.of(request.form).given}
        return redirect(url_for("console.start", **narrowed))


def _name() -> str:
    return request.form.get("name", "").strip()[:40]
