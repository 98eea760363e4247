"""LINE as the bot's calls meet it: one-use reply tokens, retry keys, names; it writes down what arrived where."""

import json
import random
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN_SECONDS = 60.0
SLOW, SLOWEST = 0.1, 0.4  # one call in ten takes up to so many seconds: that is when its sender may be killed
PROFILE_SECONDS = 0.05
Answer = tuple[int, dict[str, Any]]


@dataclass
class Token:
    """A reply token, as LINE knows it: whose, until when, and whether it was used."""

    customer: str
    until: float
    used: bool = False


@dataclass(frozen=True)
class Arrival:
    """A message on a customer's screen. `call` is the reply token or the retry key that brought it."""

    id: str
    text: str
    call: str


class Platform:
    """The Messaging API. `watchers` hear the port of whoever asks for something, and for whom, before it is done."""

    def __init__(self, seed: int) -> None:
        self.tokens: dict[str, Token] = {}
        self.keys: dict[str, list[dict[str, str]]] = {}
        self.arrived: defaultdict[str, list[Arrival]] = defaultdict(list)
        self.calls: Counter[str] = Counter()
        self.watchers: dict[str, Callable[[int, str], None]] = {}
        self._chance = random.Random(seed)
        self._lock = threading.Lock()

    def issue(self, token: str, customer: str) -> None:
        """With each delivery of its event a token is good for another minute, unless it was used."""
        with self._lock:
            known = self.tokens.setdefault(token, Token(customer, 0))
            known.until = time.monotonic() + TOKEN_SECONDS

    def send(self, path: str, body: dict[str, Any], key: str | None) -> Answer:
        before, after = self._slowness(), self._slowness()
        time.sleep(before)
        with self._lock:
            status, answer = self._reply(body) if path.endswith("/reply") else self._push(body, key)
            self.calls[f"{path.rsplit('/', 1)[1]} {status}"] += 1
        time.sleep(after)
        return status, answer

    def _slowness(self) -> float:
        with self._lock:
            return self._chance.uniform(0, SLOWEST) if self._chance.random() < SLOW else 0.0

    def _reply(self, body: dict[str, Any]) -> Answer:
        token = self.tokens.get(body["replyToken"])
        if token is None or token.used or token.until < time.monotonic():
            return 400, {"message": "Invalid reply token"}
        token.used = True
        return 200, {"sentMessages": self._show(token.customer, body, body["replyToken"])}

    def _push(self, body: dict[str, Any], key: str | None) -> Answer:
        if key is None:
            return 400, {"message": "this test wants a retry key on every push"}
        if key in self.keys:
            return 409, {"message": "The retry key is already accepted", "sentMessages": self.keys[key]}
        self.keys[key] = self._show(body["to"], body, key)
        return 200, {"sentMessages": self.keys[key]}

    def _show(self, customer: str, body: dict[str, Any], call: str) -> list[dict[str, str]]:
        shown = [Arrival(uuid.uuid4().hex, message["text"], call) for message in body["messages"]]
        self.arrived[customer] += shown
        return [{"id": arrival.id, "quoteToken": "q"} for arrival in shown]

    def answer(self, method: str, path: str, body: dict[str, Any], key: str | None, port: int) -> Answer:
        kind = "profile" if "/profile/" in path else path.rsplit("/", 1)[1]
        customer = self._customer(path, body)
        if watcher := self.watchers.get(kind):
            watcher(port, customer)
        if kind == "profile":
            time.sleep(PROFILE_SECONDS)
            return 200, {"displayName": name(customer), "userId": customer}
        if kind in ("reply", "push"):
            return self.send(path, body, key)
        quota = {"quota": {"type": "none"}, "consumption": {"totalUsage": 0}}
        return (200, quota[kind]) if kind in quota else (202, {})

    def _customer(self, path: str, body: dict[str, Any]) -> str:
        """Whom a call is about; empty where it is about nobody."""
        token = self.tokens.get(body.get("replyToken", ""))
        return token.customer if token else str(body.get("to", path.rsplit("/", 1)[1]))


def name(customer: str) -> str:
    """What a customer is called: the answers that use it tell to whom they belong."""
    return f"顧客{customer[-4:]}"


@contextmanager
def serving(platform: Platform) -> Iterator[str]:
    """The platform's address, while it is open."""

    class Handler(_Handler):
        line = platform

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    line: Platform
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body go in two writes: waiting for the first's receipt costs 40 ms

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def _answer(self, method: str) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        key, port = self.headers.get("X-Line-Retry-Key"), self.client_address[1]
        status, answer = self.line.answer(method, self.path, body, key, port)
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True  # the caller was killed

    def log_message(self, *_: Any) -> None:
        """Quiet."""
