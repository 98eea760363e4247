"""GET /api/v1/openapi.json: the OpenAPI 3.1 document, made from the routes that are there."""

import copy
import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, current_app, jsonify
from flask.sansio.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from spectree import SecurityScheme, SpecTree
from spectree.models import SecureType, SecuritySchemeData

from bot.api import problems
from bot.api.gate import METER, MULTIPART
from bot.api.idempotency import HEADER, LONGEST
from bot.api.pace import Meter
from bot.api.scopes import SCOPES
from bot.auth import public
from bot.services import Services

FIRST_PROBLEM = 400
TOO_MANY = 429
CONVERTER = re.compile(r"<(?:[^<>:]+:)?(\w+)>")

BEARER = SecuritySchemeData(
    type=SecureType.HTTP,
    scheme="bearer",
    description="A token of a role. One with scopes must have the operation's, or `read` for those that end in :read;"
    " :write holds :read. Scopes: " + ", ".join(SCOPES),
)
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
    security_schemes=[SecurityScheme(name="bearer", data=BEARER)],
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
    return jsonify(described(copy.deepcopy(spec.spec), _scopes()))


def _scopes() -> dict[tuple[str, str], str]:
    """The scope that each operation names, by its path and method."""
    named: dict[tuple[str, str], str] = {}
    for rule in current_app.url_map.iter_rules():
        if scope := getattr(current_app.view_functions[rule.endpoint], "scope", ""):
            path = CONVERTER.sub(r"{\1}", rule.rule)
            named |= {(path, method.lower()): scope for method in rule.methods or ()}
    return named


def described(document: dict[str, Any], scopes: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """What spectree cannot know: which scope is needed, the media type of problems, the pace, the keys of writes."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            operation["security"] = [{"bearer": [scopes[path, method]]}]
            for status, answer in operation["responses"].items():
                answer["headers"] = PACE | (AGAIN if int(status) == TOO_MANY else {})
                if int(status) >= FIRST_PROBLEM:
                    answer["content"] = {problems.MEDIA_TYPE: answer["content"]["application/json"]}
            if method == "post" and MULTIPART not in operation.get("requestBody", {}).get("content", {}):
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
