"""The process of the event stream: the gate and one route, for a thousand open consoles.

It imports no more than these need, as a test sees to: no engine that understands, no channel, no page.
"""

from typing import Any

from flask import Flask

from bot import auth, db, log, services
from bot.cli import gunicorn
from bot.cli.mistakes import explained
from bot.cli.root import read_settings
from bot.health import alive
from bot.ports import Wiring
from bot.services import Services
from bot.settings import Settings
from bot.web import proxies, security
from handoff import stream
from handoff.stream.porch import Porch


def create_app(current: Services) -> Flask:
    """The stream's application."""
    app = Flask("bot", static_folder=None)
    proxies.init_app(app, current.settings)
    auth.init_app(app, current)
    security.init_app(app, current.settings)
    app.register_blueprint(alive.blueprint)
    app.register_blueprint(stream.blueprint)
    app.wsgi_app = Porch(app.wsgi_app, stream.PATH)  # type: ignore[method-assign]
    return app


def __getattr__(name: str) -> Any:
    """`handoff.stream.process:app` for gunicorn, made on first use."""
    if name != "app":
        raise AttributeError(name)
    log.configure("stream_app")
    return gunicorn.load(_started)


def _started() -> Flask:
    settings = read_settings()
    with explained(settings):
        app = create_app(services.install(services.build(settings, _unwired)))
    app.extensions["attendance"].begin()
    return app


def _unwired(_: Settings, __: db.Sessions) -> Wiring:
    """Nothing is understood or said here: whoever asks for a part of the wiring finds none."""
    return object.__new__(Wiring)
