"""How large a request may be: small everywhere, but where files are taken in."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request

from bot.settings import Settings

MEGABYTE = 1_000_000
AROUND = 100_000  # bytes of a form around its file

View = TypeVar("View", bound=Callable[..., Any])


def files_too(view: View) -> View:
    """This route takes files, as large as any that is kept."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


def takes_files(view: Callable[..., Any] | None) -> bool:
    return getattr(view, "takes_files", False)


def init_app(app: Flask, settings: Settings) -> None:
    """Said before anybody reads the body, also whoever looks for the form's token in it."""

    @app.before_request
    def allow() -> None:
        if takes_files(current_app.view_functions.get(request.endpoint or "")):
            request.max_content_length = settings.attachment_mb * MEGABYTE + AROUND
