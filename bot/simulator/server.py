"""The process `simulator`: the API on a loopback port beside the deliveries, until told to stop."""

import threading
from urllib.parse import urlsplit

import structlog
from werkzeug.serving import WSGIRequestHandler, make_server

from bot.settings import Settings
from bot.simulator.platform import create_app, run

log = structlog.get_logger()

LOOPBACK = "127.0.0.1"


class Handler(WSGIRequestHandler):
    """Keeps connections open, and keeps its access lines out of the structured log."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """The bot's own log tells of its calls."""


def serve(settings: Settings, stop: threading.Event) -> None:
    """Serve the platform at SIMULATOR_URL's port (by default two above PORT) until `stop` is set."""
    port = urlsplit(settings.simulator_url).port or settings.port + 2
    server = make_server(LOOPBACK, port, create_app(settings), threaded=True, request_handler=Handler)
    threading.Thread(target=server.serve_forever, name="api", daemon=True).start()
    log.info("simulator.started", port=port)
    run(settings, stop)
    server.shutdown()
    server.server_close()
