"""Who asks, and of which services: what every page of the content begins with."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import TypeVar

from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from bot import db
from bot.auth import Member, allow, me
from bot.clock import now
from bot.errors import Refused
from bot.services import Services
from bot.transactions import transact

Result = TypeVar("Result")

keepers = allow("content.edit")
approvers = allow("content.approve")


def services() -> Services:
    """The services of this app."""
    found: Services = current_app.extensions["frontline"]
    return found


def member() -> Member:
    """The member of staff who asks."""
    found = me()
    assert found is not None, "the gate lets only members in"
    return found


def reading() -> AbstractContextManager[Session]:
    """A session to draw a page from."""
    return db.reading(services().sessions)


def do(deed: Callable[[Session], Result]) -> Result:
    """Do it in a transaction of its own."""
    return transact(services().sessions, deed)


def told(refused: Refused) -> str:
    """Why, in the words of who asks."""
    return str(gettext(refused.reason, **refused.facts))


def seen() -> int:
    """Which state of what a form changes was on the screen."""
    return request.form.get("revision", 0, type=int)


def kept(deed: Callable[[Session], object], page: str, again: Callable[[Session, Refused], str]) -> ResponseReturnValue:
    """Keep what a form says and go back to its page; a refusal draws that `again`, with what was typed and why."""
    try:
        do(deed)
    except Refused as refused:
        with reading() as session:
            return again(session, refused), 409
    flash(gettext("已儲存。"))
    return redirect(url_for(page))


def today() -> date:
    """By the shop's calendar."""
    return now().astimezone(services().settings.zone).date()
