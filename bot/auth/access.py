"""Every route says who may use it, with one of these decorators; a route that says nothing answers 403."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask

from bot.auth import permissions

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = frozenset({"public"})
MACHINE = frozenset({"machine"})
ANONYMOUS = frozenset({"anonymous"})
COOKIELESS = (MACHINE, ANONYMOUS)


def allow(permission: str) -> Callable[[View], View]:
    """Only signed-in members whose role has this permission."""
    return _declare(permissions.roles(permission))


def public(view: View) -> View:
    """Everybody, signed in or not; its posts carry a CSRF token."""
    return _declare(PUBLIC)(view)


def machine(view: View) -> View:
    """Callers that prove themselves in each request, by signature or token; cookies count for nothing."""
    return _declare(MACHINE)(view)


def anonymous(view: View) -> View:
    """Everybody alike: no cookie is read or set, so an answer may be kept for all; a post changes only a count."""
    return _declare(ANONYMOUS)(view)


def declaration(view: Callable[..., Any] | None) -> frozenset[str]:
    """Who may use a view; the empty set where it does not say."""
    found: frozenset[str] = getattr(view, "access", frozenset())
    return found


def declared(app: Flask) -> dict[str, frozenset[str]]:
    """What each endpoint of the app declares."""
    return {endpoint: declaration(view) for endpoint, view in app.view_functions.items()}


def _declare(access: frozenset[str]) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        view.access = access  # type: ignore[attr-defined]
        return view

    return decorate
