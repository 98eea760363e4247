"""Understanding by a table: in place of the embedded engine, or as a small Rasa server that misbehaves."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

from bot.nlu import shipped
from bot.nlu.calibration import Threshold
from bot.nlu.embedded import Embedded
from bot.nlu.understanding import understood
from bot.ports import Understanding

TOKEN = "sesame"
MEANINGS = {"運費怎麼算": "shipping_fee", "寄一箱運費怎麼算": "shipping_fee", "我想退貨": "return_how"}

Parse = Callable[[Embedded, Sequence[str]], list[Understanding]]


def knowing(words: Mapping[str, str], doubts: Sequence[tuple[str, float]] = (("nonsense", 0.2),)) -> Parse:
    """`Embedded.parse` that is sure of texts with these words (word → intent), and of others has `doubts`."""

    def parse(_: Embedded, texts: Sequence[str]) -> list[Understanding]:
        return [_understood(text) for text in texts]

    def _understood(text: str) -> Understanding:
        found = [(intent, 0.95) for word, intent in words.items() if word in text]
        ranking = (*found[:1], *((intent, 0.02) for intent, _ in found[1:])) or tuple(doubts)
        return understood(text, ranking, Threshold(0.6, 0.1), shipped.phrases(), "table", "")

    return parse


class FakeRasa(ThreadingHTTPServer):
    """`mood`: fine, broken (500), empty (without a model), slow, babbling (not JSON), wrong (JSON of another shape).

    `pause`: seconds that each answer takes. What it is taught it knows word by word, beside its table.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.mood = "fine"
        self.pause = 0.0
        self.asked: list[str] = []
        self.trained: list[str] = []
        self.taught: dict[str, str] = {}
        self.models = {"first.tar.gz": ""}
        self.model = "first.tar.gz"
        self.closing = threading.Event()

    @property
    def release(self) -> str:
        """The release that it serves; empty: a model without our component."""
        return self.models[self.model]

    @release.setter
    def release(self, digest: str) -> None:
        self.models[self.model] = digest

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def fake_rasa() -> Iterator[FakeRasa]:
    server = FakeRasa()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: FakeRasa

    def do_GET(self) -> None:
        self._answer(200, {"model_file": self.server.model})

    def do_PUT(self) -> None:
        """As the real one: it reports a name, but loads a path, and refuses one that it does not have."""
        folder, _, name = json.loads(self._body())["model_file"].rpartition("/")
        if folder != "models" or name not in self.server.models:
            self._answer(400, {"reason": "BadRequest"})
            return
        self.server.model, self.server.mood = name, "fine"
        self._answer(204, None)

    def do_POST(self) -> None:
        body = self._body()
        if parse_qs(urlsplit(self.path).query).get("token") != [TOKEN]:
            self._answer(401, {"reason": "NotAuthenticated"})
        elif urlsplit(self.path).path == "/model/train":
            self.server.trained.append(body.decode())
            lesson = yaml.safe_load(body)
            self.server.models["second.tar.gz"] = lesson["pipeline"][0].get("release", "")
            self.server.taught = _sentences(lesson)
            self._answer(200, {}, filename="second.tar.gz")
        else:
            self._parse(json.loads(body)["text"])

    def _parse(self, text: str) -> None:
        self.server.asked.append(text)
        mood = self.server.mood
        self.server.closing.wait(self.server.pause)
        if mood == "slow":
            self.server.closing.wait(30)  # the client gives up long before
        elif mood == "babbling":
            self._answer(200, "…", raw=b"<html>")
        elif mood == "wrong":
            self._answer(200, {"intents": []})
        elif mood == "empty":
            self._answer(409, {"reason": "Conflict"})
        elif mood == "broken":
            self._answer(500, {"reason": "ParsingError"})
        else:
            self._answer(200, _understanding(text, self.server.taught, self.server.release))

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def _answer(self, status: int, data: Any, raw: bytes | None = None, **headers: str) -> None:
        body = raw if raw is not None else json.dumps(data).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status != 204:
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


def _sentences(lesson: Mapping[str, Any]) -> dict[str, str]:
    """The sentences of a project, each with its intent."""
    listed = [(block["intent"], block["examples"].splitlines()) for block in lesson["nlu"] if "intent" in block]
    return {line.removeprefix("- "): intent for intent, lines in listed for line in lines}


def _understanding(text: str, taught: Mapping[str, str], release: str) -> dict[str, Any]:
    best = {"name": taught.get(text) or MEANINGS.get(text, "out_of_scope"), "confidence": 0.93}
    return {
        "text": text,
        "intent": best,
        "entities": [],
        "model_id": "abc123",
        "intent_ranking": [best, {"name": "greeting", "confidence": 0.04}],
        **({"frontline": {"release": release, "accept": 0.6, "margin": 0.1}} if release else {}),
    }
