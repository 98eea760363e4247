"""Error pages in the house's look: what happened, what it means, what to do next."""

from flask import Flask, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from bot.api import problems

MACHINES = ("/api/", "/webhooks/", "/healthz", "/readyz", "/metrics")


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, page)
    app.register_error_handler(CSRFError, page)


def page(error: HTTPException) -> ResponseReturnValue:
    """A page for people; machines get the plain answer they can parse."""
    if request.path.startswith(problems.PREFIX):
        return problems.of_http(error)
    if request.path.startswith(MACHINES) or "web" not in current_app.blueprints:
        return error
    code = error.code or InternalServerError.code
    expired = isinstance(error, CSRFError)
    return render_template("error.html", code=code, expired=expired), code
