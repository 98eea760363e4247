"""The page of what went wrong, and the buttons on it: each decides about one line, the chosen ones, or all."""

import json
from collections.abc import Callable, Sequence

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from bot import db
from bot.errors import Refused
from bot.transactions import transact
from handoff import tickets
from handoff.console import trouble, undelivered
from handoff.console.visit import leads, member, services, sidebar
from handoff.notify import reach

PATIENCE = 30.0  # seconds, since all lines together may be thousands
Deed = Callable[[Session, Sequence[int], int], int]
Choice = Callable[[Session], list[int]]

blueprint = Blueprint("trouble", "handoff", url_prefix="/trouble")


@blueprint.get("")
@leads
def page() -> ResponseReturnValue:
    """The page, or what a live page puts in place of itself."""
    return _show()


@blueprint.post("/resend")
@leads
def resend() -> ResponseReturnValue:
    return _decide(tickets.resend, gettext("已排入，馬上再送：%(n)s 則。"), _letters)


@blueprint.post("/settle")
@leads
def settle() -> ResponseReturnValue:
    return _decide(tickets.settle, gettext("記下了，顧客已經收到：%(n)s 則。"))


@blueprint.post("/let-go")
@leads
def let_go() -> ResponseReturnValue:
    return _decide(tickets.let_go, gettext("不再送：%(n)s 則。"), _letters)


@blueprint.post("/replay")
@leads
def replay() -> ResponseReturnValue:
    return _decide(trouble.replay, gettext("已排入，馬上重新處理：%(n)s 則。"))


def _decide(deed: Deed, done: str, chosen: Choice | None = None) -> ResponseReturnValue:
    """Do it in one transaction, and show the page as it is then; a refusal says why on top of it."""

    def work(session: Session) -> str:
        those = (chosen or _chosen)(session)
        count = deed(session, those, member().id)
        return _told(done % {"n": count}, len(those) - count)

    refused = None
    try:
        told = transact(services().sessions, work, PATIENCE)
    except Refused as refusal:
        refused = refusal
    if "HX-Request" in request.headers:
        return _answer(refused) if refused else _answer(toast=told)
    flash(gettext(refused.reason, **refused.facts) if refused else told)
    return redirect(url_for("console.trouble.page"))


def _chosen(session: Session) -> list[int]:
    """One line, by its own button; all that were on the screen or beyond its end; or the ticked ones."""
    form = request.form
    if "one" in form:
        return form.getlist("one", type=int)
    if "all" in form:
        return trouble.everything(session, form["all"], form.get("newest", 0, type=int))
    if not form.getlist("id"):
        raise Refused("還沒有勾選。")
    return form.getlist("id", type=int)


def _letters(session: Session) -> list[int]:
    """The same of our messages, where one line may stand for a batch of marketing's."""
    return undelivered.with_company(session, _chosen(session))


def _told(done: str, gone: int) -> str:
    return done + gettext("另外 %(n)s 則已經有人處理過了。", n=gone) if gone else done


def _answer(refused: Refused | None = None, toast: str = "") -> Response:
    response: Response = make_response(_show(refused))
    if refused is not None:
        response.status_code = 409
    else:
        response.headers["HX-Trigger"] = json.dumps({"toast": toast})
    return response


def _show(refused: Refused | None = None) -> ResponseReturnValue:
    with db.reading(services().sessions) as session:
        return render_template(
            "console/trouble/live.html" if "HX-Request" in request.headers else "console/trouble/page.html",
            trouble=trouble.load(session),
            reach=reach.look(session, services()),
            view="trouble",
            problem=gettext(refused.reason, **refused.facts) if refused else "",
            **sidebar(session),
        )
