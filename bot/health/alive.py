"""For machines, of one process: does it answer."""

from flask import Blueprint, Response, jsonify

from bot.auth import machine

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@machine
def healthz() -> Response:
    """Alive: this process answers."""
    return jsonify(status="ok")
