"""Small real implementations that stand in for the outside: a LINE platform that records and can be told to fail."""

import json
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HANG_UP = "hang up"


@dataclass
class Call:
    """One request that the platform saw."""

    path: str
    body: dict[str, Any]
    retry_key: str | None

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.body.get("messages", [])]


@dataclass
class FakeLine:
    """LINE's Messaging API on loopback: one-use reply tokens, retry keys, and troubles in the order given.

    A trouble is (status, body) to answer, or HANG_UP; `after` troubles take the message first and then fail.
    """

    profiles: dict[str, str] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    troubles: deque[tuple[int, dict[str, Any]] | str] = field(default_factory=deque)
    lost_answers: int = 0
    used_tokens: set[str] = field(default_factory=set)
    used_keys: set[str] = field(default_factory=set)
    arrived: list[tuple[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> "FakeLine":
        fake = self

        class Handler(_Handler):
            platform = fake

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    @property
    def said(self) -> list[str]:
        """Every text that reached the customer, in order."""
        return [text for _, text in self.arrived]

    def sends(self) -> list[Call]:
        return [call for call in self.calls if call.path.endswith(("/reply", "/push"))]

    def take(self, call: Call) -> tuple[int, dict[str, Any]] | str:
        with self.lock:
            self.calls.append(call)
            if call.path.startswith("/v2/bot/profile/"):
                name = self.profiles.get(call.path.rsplit("/", 1)[1])
                return (200, {"displayName": name, "userId": "U"}) if name else (404, {"message": "Not found"})
            if not call.path.endswith(("/reply", "/push")):
                return 202, {}
            if self.troubles:
                return self.troubles.popleft()
            return self._message(call)

    def _message(self, call: Call) -> tuple[int, dict[str, Any]] | str:
        token, key = call.body.get("replyToken"), call.retry_key
        if token in self.used_tokens:
            return 400, {"message": "Invalid reply token"}
        if key in self.used_keys:
            return 409, {"message": "The retry key is already accepted", "sentMessages": []}
        self.used_tokens |= {token} - {None}
        self.used_keys |= {key} - {None}
        self.arrived += [(message["sender"]["name"], message["text"]) for message in call.body["messages"]]
        if self.lost_answers:
            self.lost_answers -= 1
            return HANG_UP
        return 200, {"sentMessages": [{"id": str(time.monotonic_ns())} for _ in call.body["messages"]]}


class _Handler(BaseHTTPRequestHandler):
    platform: FakeLine
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(Call(self.path, json.loads(body or b"{}"), self.headers.get("X-Line-Retry-Key")))

    def do_GET(self) -> None:
        self._answer(Call(self.path, {}, None))

    def _answer(self, call: Call) -> None:
        answer = self.platform.take(call)
        if isinstance(answer, str):
            self.close_connection = True
            self.connection.close()
            return
        status, body = answer
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Quiet."""
