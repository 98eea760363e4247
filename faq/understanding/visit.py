"""What the pages of teaching share: how a page is drawn, how a deed is done and its refusal told."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from bot.auth import may
from bot.errors import Refused
from bot.nlu.policy import load
from faq.training import drafted
from faq.visit import do, member, reading, told

blueprint = Blueprint("understanding", "faq", url_prefix="/content", template_folder="templates")


def draw(template: str, **known: Any) -> str:
    """A page, or a part of one, with the names that all of them use."""
    policy = load()[0]
    shown = {"policy": policy, "approves": may(member().role, "content.approve"), **known}
    return render_template(f"content/understanding/{template}.html", **shown)


def title_of(intent: str) -> str:
    """What an intent is called, also one that no release has yet."""
    with reading() as session:
        return drafted(session).of(intent).title


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
