"""The simulated LINE Messaging API over HTTP: the part of LINE that the real SDK calls."""

import hmac
import json
import threading
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, g, jsonify, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from bot import db
from bot.settings import DEMO_DESTINATION, Settings
from bot.simulator import calls, events, richmenus, rules, store
from bot.simulator.credentials import demo_credentials
from bot.simulator.delivery import Courier
from bot.simulator.rules import LineError

BODY_BYTES = 2 * 1024 * 1024
UNAUTHORISED = "Authentication failed. Confirm that the access token in the authorization header is valid."


def run(settings: Settings, stop: threading.Event) -> None:
    """Deliver what the phone does to the bot, until `stop` is set."""
    Courier(settings).run(stop)


def create_app(settings: Settings) -> Flask:
    """The platform as a WSGI app; serve it on loopback only."""
    app = Flask("simulator", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES
    _, token = demo_credentials(settings)
    _guard(app, f"Bearer {token}")
    _errors(app)
    sessions = store.opened(settings)
    _sending(app, sessions)
    _reading(app, sessions)
    _menus(app, sessions)
    app.add_url_rule("/healthz", view_func=lambda: "ok", endpoint="healthz")
    return app


def _guard(app: Flask, expected: str) -> None:
    @app.before_request
    def authorise() -> None:
        g.request_id = events.request_id()
        given = request.headers.get("Authorization", "")
        if request.path != "/healthz" and not hmac.compare_digest(given.encode(), expected.encode()):
            raise LineError(401, UNAUTHORISED)

    @app.after_request
    def identify(response: Response) -> Response:
        response.headers["x-line-request-id"] = g.request_id
        return response


def _errors(app: Flask) -> None:
    @app.errorhandler(LineError)
    def refused(error: LineError) -> tuple[Response, int, dict[str, str]]:
        return jsonify(error.body), error.status, error.headers

    @app.errorhandler(HTTPException)
    def failed(error: HTTPException) -> tuple[Response, int]:
        return jsonify(message=error.name), error.code or 500


def _sending(app: Flask, sessions: db.Sessions) -> None:
    def sender(act: Callable[..., store.Call]) -> Callable[[], Response]:
        def view() -> Response:
            retry_key = request.headers.get("X-Line-Retry-Key")
            with sessions.begin() as session:
                call = act(session, _json(), retry_key, g.request_id)
            return jsonify(sentMessages=call.sent)

        return view

    for name, act in (("reply", calls.reply), ("push", calls.push)):
        app.add_url_rule(f"/v2/bot/message/{name}", name, sender(act), methods=["POST"])

    @app.post("/v2/bot/message/validate/<kind>")
    def validate(kind: str) -> Response:
        rules.check(_json())
        return jsonify({})

    def action(path: str, act: Callable[[Session, dict[str, Any]], None], status: int) -> None:
        def view() -> tuple[Response, int]:
            with sessions.begin() as session:
                act(session, _json())
            return jsonify({}), status

        app.add_url_rule(f"/v2/bot/chat/{path}", path, view, methods=["POST"])

    action("loading/start", calls.start_loading, 202)
    action("markAsRead", calls.mark_as_read, 200)


def _reading(app: Flask, sessions: db.Sessions) -> None:
    @app.get("/v2/bot/profile/<customer_id>")
    def profile(customer_id: str) -> Response:
        with db.reading(sessions) as session:
            return jsonify(calls.profile(session, customer_id))

    @app.get("/v2/bot/message/<message_id>/content")
    def content(message_id: str) -> Response:
        with db.reading(sessions) as session:
            found = calls.content(session, message_id)
            return Response(found.data, mimetype=found.mime) if found else Response(status=202)

    @app.get("/v2/bot/message/quota")
    def quota() -> Response:
        return jsonify(type="limited", value=calls.QUOTA)

    @app.get("/v2/bot/message/quota/consumption")
    def consumption() -> Response:
        with db.reading(sessions) as session:
            return jsonify(totalUsage=calls.consumption(session))

    @app.get("/v2/bot/info")
    def info() -> Response:
        names = {"displayName": "Frontline", "basicId": "@frontline", "userId": DEMO_DESTINATION}
        return jsonify(names | {"chatMode": "bot", "markAsReadMode": "auto"})


def _menus(app: Flask, sessions: db.Sessions) -> None:
    @app.post("/v2/bot/richmenu")
    def create_menu() -> Response:
        with sessions.begin() as session:
            return jsonify(richMenuId=richmenus.create(session, _json()))

    @app.get("/v2/bot/richmenu/list")
    def menus() -> Response:
        with db.reading(sessions) as session:
            return jsonify(richmenus=richmenus.every(session))

    def action(path: str, method: str, act: Callable[..., None]) -> None:
        def view(**names: str) -> Response:
            with sessions.begin() as session:
                act(session, **names)
            return jsonify({})

        app.add_url_rule(f"/v2/bot/{path}", f"{method} {path}", view, methods=[method])

    def draw(session: Session, menu_id: str) -> None:
        richmenus.draw(session, menu_id, request.get_data(), request.mimetype)

    action("richmenu/<menu_id>/content", "POST", draw)
    action("richmenu/<menu_id>", "DELETE", richmenus.remove)
    action("user/all/richmenu/<menu_id>", "POST", richmenus.show)
    action("user/<customer_id>/richmenu/<menu_id>", "POST", richmenus.link)
    action("user/<customer_id>/richmenu", "DELETE", richmenus.unlink)


def _json() -> dict[str, Any]:
    """The request's JSON object; text that is no valid Unicode is refused, as LINE does."""
    try:
        body = json.loads(request.get_data())
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise LineError(400, "The request body could not be parsed as JSON")
    return body
