"""What the pages of teaching share: who may, how a page is drawn, how a deed is done and its refusal told."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from bot import db
from bot.auth import allow, may, me
from bot.errors import Refused
from bot.nlu.policy import load
from bot.services import Services
from bot.transactions import transact
from faq.training import drafted

Result = TypeVar("Result")

blueprint = Blueprint("understanding", "faq", url_prefix="/content", template_folder="templates")
edits, approves = allow("content.edit"), allow("content.approve")


def draw(template: str, **known: Any) -> str:
    """A page, or a part of one, with the names that all of them use."""
    policy = load()[0]
    shown = {"policy": policy, "approves": may(_role(), "content.approve"), **known}
    return render_template(f"content/understanding/{template}.html", **shown)


def do(deed: Callable[[Session], Result]) -> Result:
    """Do it in a transaction of its own."""
    return transact(services().sessions, deed)


def title_of(intent: str) -> str:
    """What an intent is called, also one that no release has yet."""
    with db.reading(services().sessions) as session:
        return drafted(session).of(intent).title


def told(refused: Refused) -> str:
    return str(gettext(refused.reason, **refused.facts))


def back(endpoint: str, words: str, category: str = "message", **where: Any) -> Response:
    """To a page, which says what was done."""
    flash(words, category)
    return redirect(url_for(f"understanding.{endpoint}", **where))


def done_or_told(deed: Callable[[Session], object], endpoint: str, words: str, **where: Any) -> Response:
    """A button: what came of it stands above the page that it leads back to."""
    try:
        do(deed)
    except Refused as refused:
        return back(endpoint, told(refused), "refused", **where)
    return back(endpoint, words, **where)


def given(field: str, longest: int = 200) -> str:
    """What a field holds; one that a browser would not have let grow so long was tampered with."""
    text = request.form.get(field, "").strip()
    return text if len(text) <= longest else abort(400)


def member() -> int:
    """Who is here now."""
    found = me()
    assert found is not None, "the gate lets only members in"
    return found.id


def services() -> Services:
    found: Services = current_app.extensions["frontline"]
    return found


def _role() -> str:
    found = me()
    return found.role if found else ""
