"""Problem documents (RFC 9457): every refusal of the API has the same shape, whoever refuses."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, abort, request
from flask_babel import gettext
from pydantic import BaseModel, Field
from spectree import Response as Answers
from werkzeug.exceptions import HTTPException

from bot.errors import FrontlineError, Refused

MEDIA_TYPE = "application/problem+json"
PREFIX = "/api/v1/"
UNSURE = "urn:frontline:unsure"
DOCUMENTED = (
    "HTTP_400",
    "HTTP_401",
    "HTTP_403",
    "HTTP_404",
    "HTTP_405",
    "HTTP_409",
    "HTTP_415",
    "HTTP_429",
    "HTTP_503",
)


class Problem(BaseModel):
    """What is wrong; `type` names the kind, `detail` is for a person."""

    type: str = Field("about:blank", description="a name that stays, for programs")
    title: str
    status: int
    detail: str = ""
    errors: list[dict[str, Any]] = Field([], description="what is wrong where, in a request that does not fit")


class NotFound(FrontlineError):
    """There is no such thing, or it is none of the caller's business."""


def answers(**found: Any) -> Answers:
    """The answers of a route, for the document: its own, and the problems that every route may answer."""
    return Answers(**found, **dict.fromkeys(DOCUMENTED, Problem))


def problem(status: int, detail: str = "", kind: str = "about:blank", errors: Any = ()) -> Response:
    """A problem as an answer."""
    body = Problem(type=kind, title=HTTPStatus(status).phrase, status=status, detail=detail, errors=list(errors))
    response = Response(body.model_dump_json(), status=status, mimetype=MEDIA_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def before(_: Any, __: Any, error: Any, ___: Any, ____: Any) -> None:
    """Called by spectree before a view: a request that does not fit its model is a problem, like all else."""
    if error is not None:
        errors = json.loads(error.json(include_url=False, include_input=False, include_context=False))
        abort(problem(422, "the request does not fit", "urn:frontline:invalid", errors))


def init_app(app: Flask) -> None:
    """Refusals below `/api/v1` are problems."""
    app.register_error_handler(Refused, refused)
    app.register_error_handler(NotFound, lambda _: problem(404))


def refused(error: Refused) -> Response:
    """A rule of the house stands against it; the reason is for a person to read."""
    if not request.path.startswith(PREFIX):
        raise error
    return problem(409, gettext(error.reason, **error.facts), f"urn:frontline:{type(error).__name__.lower()}")


def unsure() -> Response:
    """The connection broke during the commit: whoever asks again under the same key is answered as if nothing was."""
    return problem(503, "it may have been saved or not; repeat it under its Idempotency-Key, or look", UNSURE)


def of_http(error: HTTPException) -> Response:
    """What Flask itself refuses: an unknown address, a wrong method, a body that is too large."""
    response = problem(error.code or 500)
    headers: Mapping[str, str] = dict(error.get_headers())
    if "Allow" in headers:
        response.headers["Allow"] = headers["Allow"]
    return response
