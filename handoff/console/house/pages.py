"""What the pages of settings share: their list, how they are drawn, and how a refusal stands beside its field."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from bot import auth, db
from bot.auth import may
from bot.errors import Refused
from bot.transactions import transact
from handoff.console.visit import leads, member, services, sidebar

LONGEST = 200
Result = TypeVar("Result")

runs_the_house = auth.allow("house.run")
blueprint = Blueprint("house", "handoff", url_prefix="/settings")


class Place(NamedTuple):
    """Where something is set, and who may."""

    name: str
    icon: str
    endpoint: str
    permission: str
    anchor: str | None = None

    @property
    def roles(self) -> list[str]:
        """Who may, in the order of the roles."""
        return [role for role in auth.ROLES if may(role, self.permission)]


PEOPLE = "console.people.page"
PLACES = {
    "people": (
        Place("teams", "group", PEOPLE, "desk.lead", "teams"),
        Place("shifts", "clock", PEOPLE, "desk.lead", "shifts"),
        Place("leave", "sun", PEOPLE, "desk.lead", "leave"),
        Place("users", "users", PEOPLE, "house.run", "users"),
        Place("keys", "lock", "console.keys.page", "desk.lead"),
    ),
    "service": (
        Place("calendars", "sun", "console.house.calendars", "desk.lead"),
        Place("sla", "alarm", "console.sla.page", "desk.lead"),
        Place("templates", "bolt", "content.templates", "content.edit"),
        Place("tags", "filter", "console.house.tags", "desk.lead"),
        Place("fields", "file", "console.house.fields", "desk.lead"),
    ),
    "links": (
        Place("channels", "phone", "console.house.channels", "house.run"),
        Place("tokens", "keyboard", "console.house.tokens", "desk.lead"),
        Place("programs", "send", "console.house.programs", "house.run"),
    ),
}


@blueprint.get("")
@leads
def page() -> ResponseReturnValue:
    """Everything that can be set, and who may set it."""
    role = member().role
    return draw("page", places=PLACES, open_to=lambda place: may(role, place.permission))


def draw(template: str, session: Session | None = None, **known: Any) -> str:
    """A page of settings, with the console's sidebar."""
    if session is None:
        with db.reading(services().sessions) as fresh:
            return draw(template, fresh, **known)
    shown = {"mistakes": {}, "given": {}, "view": "house", **known}
    return render_template(f"console/house/{template}.html", **shown, **sidebar(session))


def do(deed: Callable[[Session], Result]) -> Result:
    """Do it in a transaction of its own."""
    return transact(services().sessions, deed)


def told(refused: Refused) -> dict[str, str]:
    """What is wrong, by the field that it is wrong with; without one it stands above the form."""
    return {refused.field: gettext(refused.reason, **refused.facts)}


def back(endpoint: str, words: str, **where: Any) -> Response:
    """To a page, which says what was done."""
    flash(words)
    return redirect(url_for(f"console.house.{endpoint}", **where))


def done_or_told(deed: Callable[[Session], object], endpoint: str, words: str, **where: Any) -> Response:
    """A button without fields: what came of it stands above the page that it leads back to."""
    try:
        do(deed)
    except Refused as refused:
        words = gettext("沒有儲存：%(why)s", why=gettext(refused.reason, **refused.facts))
    return back(endpoint, words, **where)


def given(field: str, longest: int = LONGEST) -> str:
    """What a field holds; one that a browser would not have let grow so long was tampered with."""
    text = request.form.get(field, "").replace("\r\n", "\n").strip()
    return text if len(text) <= longest else abort(400)


def found(thing: Result | None) -> Result:
    """What an address names; 404 where there is none."""
    return thing if thing is not None else abort(404)
