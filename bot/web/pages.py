"""Home, sign-in and the two switches (language, theme)."""

from urllib.parse import urlsplit

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from bot import db
from bot.auth import accounts, at_home, halfway, may, me, provider, public, second_step, sign_in, sign_ins, sign_out
from bot.auth.accounts import DEMO_USERS, DemoUser
from bot.auth.attempts import Attempt, attempt
from bot.models import User
from bot.services import Services
from bot.tongues import LANGUAGES
from bot.transactions import transact
from bot.web import status

YEAR = 31_536_000

blueprint = Blueprint("web", __name__)


def services() -> Services:
    found: Services = current_app.extensions["frontline"]
    return found


@blueprint.get("/")
@public
def home() -> ResponseReturnValue:
    simulator = at_home() and any(rule.rule == "/simulator" for rule in current_app.url_map.iter_rules())
    known = {"status": status.ask(services()), "demo_users": demo_agents(), "simulator": simulator}
    visitor = me()
    doors = {"keeps": "content.edit", "promotes": "marketing.run"}
    opened = {name: visitor is not None and may(visitor.role, door) for name, door in doors.items()}
    return render_template("home.html", **opened, **known)


@blueprint.get("/sign-in")
@public
def sign_in_form() -> ResponseReturnValue:
    if me():
        return redirect(way_on())
    return _form()


@blueprint.post("/sign-in")
@public
def try_sign_in() -> ResponseReturnValue:
    username, password = request.form.get("username", ""), request.form.get("password", "")
    if not services().settings.takes_password(username):
        flash(gettext("這裡請用公司帳號登入。"), "bad")
        return _form(), 403
    outcome = attempt(services().sessions, username, password, request.remote_addr or "")
    if outcome.user is None:
        return _form(outcome), 401
    with db.reading(services().sessions) as session:
        asked = second_step.of(session, outcome.user.id) is not None
    if asked:
        halfway.begin(outcome.user)
        return redirect(url_for("web.code_form", next=request.form.get("next") or None))
    sign_in(outcome.user)
    return redirect(way_on())


@blueprint.post("/sign-in/demo")
@public
def demo_sign_in() -> ResponseReturnValue:
    """One click, no password: in the demo, on this machine, for the people of the demo."""
    names = [user.username for user in DEMO_USERS]
    if not _open_demo() or request.form.get("username") not in names:
        abort(404)
    with db.reading(services().sessions) as session:
        user = session.scalars(select(User).where(User.username == request.form["username"])).one_or_none()
    if user is None or not user.active:
        abort(404)
    sign_in(user, sign_ins.DEMO)
    return redirect(way_on())


@blueprint.post("/sign-out")
@public
def leave() -> ResponseReturnValue:
    sign_out()
    flash(gettext("已登出。"))
    return redirect(url_for("web.sign_in_form"))


@blueprint.post("/language")
@public
def choose_language() -> ResponseReturnValue:
    """Of the pages in this browser, and of what reaches whoever is signed in outside of them."""
    wanted, visitor = request.form.get("language", ""), me()
    if visitor is not None and wanted in LANGUAGES:
        transact(services().sessions, lambda session: accounts.speak(session, visitor.id, wanted))
    return _remember("language", wanted, tuple(LANGUAGES))


@blueprint.post("/theme")
@public
def choose_theme() -> ResponseReturnValue:
    return _remember("theme", request.form.get("theme", ""), ("light", "dark"))


def demo_agents() -> list[DemoUser]:
    """The people of the demo who have a page to work on today."""
    pages = ("desk.work", "marketing.run")
    return [one for one in DEMO_USERS if any(may(one.role, page) for page in pages)] if _open_demo() else []


def _open_demo() -> bool:
    """Whether whoever asks may come in without a password."""
    return services().settings.demo and at_home()


def way_on() -> str:
    """Where to go after signing in: the page that was asked for, else where this role works."""
    return way_to(request.values.get("next", ""))


def way_to(wanted: str) -> str:
    """There, if it is a page of ours."""
    if _ours(wanted):
        return wanted
    user = me()
    return url_for("console.start") if user and may(user.role, "case.helped") else url_for("web.home")


def _ours(path: str) -> bool:
    parts = urlsplit(path)
    return path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc


def _form(outcome: Attempt | None = None) -> str:
    wanted = request.values.get("next", "")
    known = {"demo_users": demo_agents(), "provider": provider.is_set_up(), "next": wanted}
    return render_template("sign_in.html", outcome=outcome, **known)


def _remember(name: str, value: str, known: tuple[str, ...]) -> ResponseReturnValue:
    if value not in known:
        abort(400)
    back = request.form.get("next", "")
    response = redirect(back if _ours(back) else url_for("web.home"))
    response.set_cookie(name, value, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure)
    return response
