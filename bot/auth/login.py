"""The session of a signed-in member, and the gate in front of every route."""

from dataclasses import dataclass

from flask import Flask, Response, abort, current_app, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFProtect

from bot.auth import bodies, provided, second_step, sign_ins
from bot.auth.access import COOKIELESS, PUBLIC, declaration, public
from bot.auth.keys import secret_key
from bot.models import User
from bot.services import Services
from bot.settings import Settings
from bot.transactions import transact

csrf = CSRFProtect()


@dataclass(frozen=True)
class Member(UserMixin):  # type: ignore[misc]
    """The signed-in member of staff, as pages see them."""

    id: int
    username: str
    name: str
    role: str
    sign_in: str
    owes: str = ""  # the page of the own account that comes before any other

    def get_id(self) -> str:
        return f"{self.id}:{self.sign_in}"


class Cookies(SecureCookieSessionInterface):
    """The session cookie is for HTTPS only wherever the page came by HTTPS.

    Where cookies count for nothing none is set, and no answer is said to depend on one.
    """

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if declaration(app.view_functions.get(request.endpoint or "")) not in COOKIELESS:
            super().save_session(app, session, response)


def init_app(app: Flask, services: Services) -> None:
    """Give the app its session, its CSRF protection and the gate."""
    second_step.required(services.settings)  # a role that nobody has would protect nobody
    provided.roles(services.settings)
    app.config.update(
        SECRET_KEY=secret_key(services.settings),
        SESSION_COOKIE_NAME="frontline",
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=sign_ins.LASTS,
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_CHECK_DEFAULT=False,  # the gate below asks for the token, since it knows who needs one
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.session_interface = Cookies()
    app.extensions["frontline"] = services
    csrf.init_app(app)
    LoginManager(app).user_loader(load)
    if app.has_static_folder:
        public(app.view_functions["static"])
    bodies.init_app(app, services.settings)
    app.before_request(gate)


def load(cookie_id: str) -> Member | None:
    """The member of a session cookie, unless it is too old, ended, or its owner has left."""
    services: Services = current_app.extensions["frontline"]
    _, _, key = cookie_id.partition(":")
    found = sign_ins.find(services.sessions, key)
    if found is None:
        return None
    return _member(found.user, key, _owed(found, services.settings))


def _owed(found: sign_ins.Found, settings: Settings) -> str:
    """What somebody who came by password must see to before anything else."""
    if found.way != sign_ins.PASSWORD:
        return ""
    if found.user.one_time_until:
        return "web.password"
    missing = not found.second_step and found.user.role in second_step.required(settings)
    return "web.second_step" if missing else ""


def _member(user: User, sign_in: str, owes: str = "") -> Member:
    return Member(user.id, user.username, user.name, user.role, sign_in, owes)


def me() -> Member | None:
    """The signed-in member of this request."""
    visitor = current_user._get_current_object()
    return visitor if visitor.is_authenticated else None


def sign_in(user: User, way: str = sign_ins.PASSWORD) -> None:
    """Start a session of eight hours in this browser."""
    _start_over()
    session.permanent = True
    services: Services = current_app.extensions["frontline"]
    address, browser = request.remote_addr or "", request.user_agent.string
    begun = transact(services.sessions, lambda writer: sign_ins.begin(writer, user.id, address, browser, way))
    login_user(_member(user, begun.key))


def sign_out() -> None:
    """End this browser's session, also for whoever may have copied its cookie."""
    if (leaving := me()) is not None:
        services: Services = current_app.extensions["frontline"]
        transact(services.sessions, lambda writer: sign_ins.end(writer, leaving.id, leaving.sign_in))
    logout_user()
    _start_over()


def _start_over() -> None:
    """Forget everything but the form token, so that pages open beside this one (the simulator) can still post."""
    token = session.get("csrf_token")
    session.clear()
    if token:
        session["csrf_token"] = token


def gate() -> ResponseReturnValue | None:
    """Ask each request for what its route declares; a route that declares nothing is open to nobody."""
    if request.endpoint is None:
        return None
    access = declaration(current_app.view_functions[request.endpoint])
    if access in COOKIELESS:
        return None
    if access != PUBLIC:
        refusal = _check(access)
        if refusal:
            return refusal
    if request.method not in ("GET", "HEAD", "OPTIONS") and current_app.config["WTF_CSRF_ENABLED"]:
        csrf.protect()
    return None


def _check(access: frozenset[str]) -> Response | None:
    signed_in = me()
    if access and signed_in is None:
        return _to("web.sign_in_form")
    if signed_in is None or signed_in.role not in access:
        abort(403)
    if signed_in.owes and request.blueprint != "web":
        return _to(signed_in.owes)
    return None


def _to(page: str) -> Response:
    """To the page that comes first, and back; a fragment or a stream only says that it does not come now."""
    if "web" not in current_app.blueprints:  # the stream's own process has no pages
        return Response(status=401)
    if "HX-Request" in request.headers:
        return Response(status=401, headers={"HX-Redirect": url_for(page)})
    wanted = request.accept_mimetypes
    if request.method != "GET" or (wanted and not wanted.accept_html):
        return Response(status=401)
    return redirect(url_for(page, next=request.full_path.rstrip("?")))  # type: ignore[return-value]
