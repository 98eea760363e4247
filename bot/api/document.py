"""GET /api/v1/openapi.json: the OpenAPI 3.1 document, made from the routes that are there."""

import copy
from typing import Any

from flask import Blueprint, jsonify
from flask.sansio.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from spectree import SecurityScheme, SpecTree
from spectree.models import SecureType, SecuritySchemeData

from bot.api import problems
from bot.api.gate import METER
from bot.api.idempotency import HEADER, LONGEST
from bot.api.pace import Meter
from bot.auth import public
from bot.services import Services

FIRST_PROBLEM = 400
TOO_MANY = 429

spec = SpecTree(
    "flask",
    title="Frontline",
    version="1",
    description="Cases, conversations and contacts of the desk.",
    mode="strict",
    before=problems.before,
    validation_error_model=problems.Problem,
    naming_strategy=lambda model: model.__name__.replace("[", "Of").replace("]", ""),
    nested_naming_strategy=lambda _, child: child,
    security_schemes=[SecurityScheme(name="bearer", data=SecuritySchemeData(type=SecureType.HTTP, scheme="bearer"))],
    security={"bearer": []},
)

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.record_once
def prepare(state: BlueprintSetupState) -> None:
    """Refusals of this app are problems, and the calls of each token are counted."""
    assert hasattr(state.app, "register_error_handler")
    services: Services = state.app.extensions["frontline"]
    state.app.extensions[METER] = Meter(services.settings, services.broker)
    problems.init_app(state.app)  # type: ignore[arg-type]


@blueprint.get("/openapi.json")
@public
def document() -> ResponseReturnValue:
    return jsonify(described(copy.deepcopy(spec.spec)))


def described(document: dict[str, Any]) -> dict[str, Any]:
    """What spectree cannot know: problems have a media type of their own, answers tell the pace, writes take a key."""
    for operations in document["paths"].values():
        for method, operation in operations.items():
            for status, answer in operation["responses"].items():
                answer["headers"] = PACE | (AGAIN if int(status) == TOO_MANY else {})
                if int(status) >= FIRST_PROBLEM:
                    answer["content"] = {problems.MEDIA_TYPE: answer["content"]["application/json"]}
            if method == "post":
                operation["parameters"] = [*operation.get("parameters", []), KEY]
    return document


KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "repeat a call under the same key: it is done once and answered the same again, for a day",
    "schema": {"type": "string", "maxLength": LONGEST},
}


def _number(meaning: str) -> dict[str, Any]:
    return {"description": meaning, "schema": {"type": "integer"}}


PACE = {
    "RateLimit-Limit": _number("calls that the token may make in any minute"),
    "RateLimit-Remaining": _number("how many of them are left now"),
    "RateLimit-Reset": _number("in how many seconds the next comes free"),
}
AGAIN = {"Retry-After": _number("in how many seconds to try again")}
