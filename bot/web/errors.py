"""Error pages in the house's look: what happened, what it means, what to do next."""

import json

import structlog
from flask import Flask, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError, ServiceUnavailable

from bot.api import problems
from bot.transactions import CommitLost

log = structlog.get_logger()
MACHINES = ("/api/", "/webhooks/", "/healthz", "/readyz", "/metrics")


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, page)
    app.register_error_handler(CSRFError, page)
    app.register_error_handler(CommitLost, unsure)


def unsure(lost: CommitLost) -> ResponseReturnValue:
    """Nobody knows whether it was saved, so nobody says that it was, or was not."""
    log.error("commit.lost", path=request.url_rule.rule if request.url_rule else "")
    if request.path.startswith(problems.PREFIX):
        return problems.unsure()
    if request.path.startswith(MACHINES):
        raise lost
    code = ServiceUnavailable.code
    if "HX-Request" in request.headers:  # what was typed stays in the page
        told = gettext("不確定有沒有存好：存檔的時候連線斷了。先看一次，確定沒有再做。")
        return "", code, {"HX-Trigger": json.dumps({"toast": told})}
    return render_template("error.html", code=code, unsure=True), code


def page(error: HTTPException) -> ResponseReturnValue:
    """A page for people; machines get the plain answer they can parse."""
    if request.path.startswith(problems.PREFIX):
        return problems.of_http(error)
    if request.path.startswith(MACHINES) or "web" not in current_app.blueprints:
        return error
    code = error.code or InternalServerError.code
    expired = isinstance(error, CSRFError)
    return render_template("error.html", code=code, expired=expired), code
