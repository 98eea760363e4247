"""Understanding by a table: in place of the embedded engine; and a small Rasa server, which may misbehave.

What the server is taught it learns by heart, or as the real one does: with the algorithm of `bot/nlu`.
"""

import itertools
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

from bot.nlu import shipped
from bot.nlu.algorithm import Example, Prediction, Targets, Threshold, train
from bot.nlu.embedded import Embedded
from bot.nlu.understanding import understood
from bot.ports import Understanding

TOKEN = "sesame"
MEANINGS = {"運費怎麼算": "shipping_fee", "寄一箱運費怎麼算": "shipping_fee", "我想退貨": "return_how"}
JUDGED_BY = Threshold(0.6, 0.1)
NONSENSE = (("nonsense", 0.2),)

Parse = Callable[[Embedded, Sequence[str]], list[Understanding]]
Mind = Callable[[str], Prediction]


def knowing(words: Mapping[str, str], doubts: Sequence[tuple[str, float]] = NONSENSE) -> Parse:
    """`Embedded.parse` that is sure of texts with these words (word → intent), and of others has `doubts`."""
    mind = minding(words, doubts)

    def parse(_: Embedded, texts: Sequence[str]) -> list[Understanding]:
        return [understood(text, mind(text).ranking, JUDGED_BY, shipped.phrases(), "table", "") for text in texts]

    return parse


def minding(words: Mapping[str, str], doubts: Sequence[tuple[str, float]] = NONSENSE) -> Mind:
    """The same, as what a server has learned."""

    def mind(text: str) -> Prediction:
        found = [(intent, 0.95) for word, intent in words.items() if word in text]
        return Prediction((*found[:1], *((intent, 0.02) for intent, _ in found[1:])) or tuple(doubts), JUDGED_BY)

    return mind


def by_heart(project: str) -> Mind:
    """What a server has learned that knows these sentences word by word, beside its table."""
    taught = MEANINGS | {example.text: example.intent for example in _examples(yaml.safe_load(project))}

    def mind(text: str) -> Prediction:
        return Prediction(((taught.get(text, "out_of_scope"), 0.93), ("greeting", 0.04)), JUDGED_BY)

    return mind


@cache
def by_algorithm(project: str) -> Mind:
    """What our component in the real server makes of the same lesson; stories that teach alike learn it once."""
    lesson = yaml.safe_load(project)
    own = lesson["pipeline"][0]
    targets = Targets(answers=own["wrong_answers"])
    return train(_examples(lesson), frozenset(own["answered"]), own["categories"], targets)[0].predict


def _examples(lesson: Mapping[str, Any]) -> list[Example]:
    """The sentences of a project in their order."""
    listed = [(block["intent"], block["examples"].splitlines()) for block in lesson["nlu"] if "intent" in block]
    return [Example(line.removeprefix("- "), intent) for intent, lines in listed for line in lines]


@dataclass(frozen=True)
class Served:
    """A model of the server: the release that it was made for (empty: a model without our component)."""

    release: str
    mind: Mind


class FakeRasa(ThreadingHTTPServer):
    """`mood`: fine, broken (500), empty (without a model), slow, babbling (not JSON), wrong (JSON of another shape).

    `pause`: seconds that each answer takes. `learn`: what becomes of a project that it is taught. `models`: its files,
    which it looks for in `folder`. `names` them: whether it tells what it called what it has learned.
    """

    daemon_threads = True

    def __init__(self, learn: Callable[[str], Mind]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.learn = learn
        self.mood = "fine"
        self.pause = 0.0
        self.asked: list[str] = []
        self.trained: list[str] = []
        self.loaded: list[str] = []
        self.numbers = itertools.count(1)
        self.models = {"first.tar.gz": Served("", by_heart("nlu: []"))}
        self.model = "first.tar.gz"
        self.folder, self.names = "models", True
        self.closing = threading.Event()

    @property
    def served(self) -> Served:
        """What it understands with."""
        return self.models[self.model]

    @property
    def release(self) -> str:
        """The release that it serves."""
        return self.served.release

    @release.setter
    def release(self, digest: str) -> None:
        self.models[self.model] = replace(self.served, release=digest)

    def knows(self, mind: Mind) -> None:
        """Whatever it serves, this is what it has learned."""
        self.models[self.model] = replace(self.served, mind=mind)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def fake_rasa(learn: Callable[[str], Mind] = by_heart) -> Iterator[FakeRasa]:
    server = FakeRasa(learn)
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
        if folder != self.server.folder or name not in self.server.models:
            self._answer(400, {"reason": "BadRequest"})
            return
        self.server.model, self.server.mood = name, "fine"
        self.server.loaded.append(name)
        self._answer(204, None)

    def do_POST(self) -> None:
        body = self._body()
        if parse_qs(urlsplit(self.path).query).get("token") != [TOKEN]:
            self._answer(401, {"reason": "NotAuthenticated"})
        elif urlsplit(self.path).path == "/model/train":
            self._train(body.decode())
        else:
            self._parse(json.loads(body)["text"])

    def _train(self, project: str) -> None:
        self.server.trained.append(project)
        release = yaml.safe_load(project)["pipeline"][0].get("release", "")
        name = f"{next(self.server.numbers)}.tar.gz"
        self.server.models[name] = Served(release, self.server.learn(project))
        self._answer(200, {}, **({"filename": name} if self.server.names else {}))

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
            self._answer(200, _understanding(text, self.server.served))

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


def _understanding(text: str, served: Served) -> dict[str, Any]:
    """As our component tells it, or, without a release, as Rasa's own classifiers do."""
    made = served.mind(text)
    ranking = [{"name": intent, "confidence": confidence} for intent, confidence in made.ranking]
    judged_by = {"release": served.release, "accept": made.threshold.accept, "margin": made.threshold.margin}
    return {
        "text": text,
        "intent": ranking[0],
        "entities": [],
        "model_id": "abc123",
        "intent_ranking": ranking,
        **({"frontline": judged_by} if served.release else {}),
    }
