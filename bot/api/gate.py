"""Who calls: a bearer token in every request, whose role must have the route's permission. Cookies do not count."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from flask import Response, after_this_request, current_app, g, request
from flask.typing import ResponseReturnValue

from bot import db
from bot.api import scopes, tokens
from bot.api.pace import Meter, Pace
from bot.api.problems import problem
from bot.auth import machine
from bot.auth.bodies import takes_files
from bot.auth.permissions import may, roles
from bot.services import Services
from bot.transactions import transact

METER = "frontline.pace"
MULTIPART = "multipart/form-data"
BODIES = ("POST", "PUT", "PATCH")
View = Callable[..., Any]


@dataclass(frozen=True)
class Caller:
    """The program that asks, and the member of staff as whom it acts."""

    token_id: int
    user_id: int
    role: str
    scopes: tuple[str, ...]


def allow(permission: str, scope: str) -> Callable[[View], View]:
    """Only callers whose role has this permission, and whose token, if it has scopes, has this one."""
    roles(permission)
    scopes.known(scope)

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(*arguments: Any, **named: Any) -> ResponseReturnValue:
            found = _identify()
            if found is None:
                return problem(401, "send a token: Authorization: Bearer fl_…")
            if not (pace := _paced(found)).allowed:
                return _too_fast(pace)
            if refusal := _refused(found, permission, scope) or _unread(takes_files(view)):
                return refusal
            g.caller = found
            return cast(ResponseReturnValue, view(*arguments, **named))

        guarded.scope = scope  # type: ignore[attr-defined]
        return machine(guarded)

    return decorate


def caller() -> Caller:
    """Who makes this request."""
    return cast(Caller, g.caller)


def _paced(found: Caller) -> Pace:
    """Counts this call; whatever the answer is, it says how many are left."""
    meter: Meter = current_app.extensions[METER]
    pace = meter.count(found.token_id)

    @after_this_request
    def tell(response: Response) -> Response:
        response.headers.update(pace.headers)
        return response

    return pace


def _too_fast(pace: Pace) -> Response:
    return problem(429, f"at most {pace.limit} calls a minute; come again in {pace.reset} s", "urn:frontline:too-many")


def _refused(found: Caller, permission: str, scope: str) -> Response | None:
    if not may(found.role, permission):
        return problem(403, f"the role {found.role} may not do this")
    if not scopes.cover(found.scopes, scope):
        return problem(403, f"the token has no scope {scope}", "urn:frontline:scope")
    return None


def _unread(files: bool) -> Response | None:
    """The answer to a body that nobody could read: it is never taken for an empty one."""
    if files and request.mimetype != MULTIPART:
        return problem(415, f"send {MULTIPART}")
    if files or request.method not in BODIES or not request.get_data():
        return None
    if not request.is_json:
        return problem(415, "send application/json")
    if not isinstance(request.get_json(silent=True), dict):
        return problem(400, "the body is no JSON object")
    return None


def _identify() -> Caller | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    services: Services = current_app.extensions["frontline"]
    with db.reading(services.sessions) as session:
        found = tokens.find(session, token.strip())
    if found is None:
        return None
    if tokens.stale(found):
        transact(services.sessions, lambda session: tokens.note_use(session, found.id))
    return Caller(found.id, found.user_id, found.user.role, tuple(found.scopes))
