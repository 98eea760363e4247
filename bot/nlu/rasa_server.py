"""One Rasa server over HTTP. Its token travels as a query parameter, so addresses are never logged."""

import hashlib
import math
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

import requests
from pydantic import BaseModel, ValidationError
from requests.adapters import HTTPAdapter

from bot.errors import FrontlineError
from bot.messages import printable

CONNECT_SECONDS, READ_SECONDS, TRAINING_SECONDS = 0.5, 2.0, 900.0
LOADING_SECONDS = 20.0  # it takes one or two; customers' files wait behind it
CONNECTIONS = 16  # one a thread that may ask
LONGEST = 1000
CONFLICT = 409  # what Rasa says to every question that only a model can answer
BAD_REQUEST = 400  # and where a model that it is to load is not there, or cannot be read
COMMAND, WRITTEN = "/", "／"  # `/intent` is a command to Rasa, which believes it; a customer only writes
PROBE = "你好"


class RasaAway(FrontlineError):
    """The server did not answer, or not with an understanding; the text names what went wrong, no address."""


class NoModel(RasaAway):
    """The server is well, but has nothing to understand with yet."""


class BadRequest(RasaAway):
    """The server is well, but does not have what it is asked for, or cannot read it."""


class Ranked(BaseModel):
    """An intent and how likely it is."""

    name: str | None
    confidence: float


class JudgedBy(BaseModel):
    """What our own component adds: the release that it was trained for, and its threshold."""

    release: str
    accept: float
    margin: float


class Answer(BaseModel):
    """What a server made of a text."""

    intent: Ranked
    intent_ranking: tuple[Ranked, ...] = ()
    frontline: JudgedBy | None = None
    model_id: str = ""

    @property
    def release(self) -> str:
        """The release that the server serves; empty if it is none of ours."""
        return self.frontline.release if self.frontline else ""


class RasaServer:
    """Asks, and has it learn. Every failure is a RasaAway."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._token = {"token": token} if token else {}
        self._http = requests.Session()
        for scheme in ("http://", "https://"):
            self._http.mount(scheme, HTTPAdapter(pool_connections=1, pool_maxsize=CONNECTIONS))

    @property
    def name(self) -> str:
        """Names the server by where it is, whatever its place in RASA_URL; it tells no credentials."""
        address = urlsplit(self._url)
        where = address.netloc.rpartition("@")[2].lower() + address.path
        return hashlib.sha256(where.encode()).hexdigest()

    def ask(self, text: str, seconds: float = math.inf) -> Answer | None:
        """What the server makes of `text`, within `seconds`; None without words, which would be an error to Rasa."""
        words = printable(text).strip()[:LONGEST]
        if not words:
            return None
        if words.startswith(COMMAND):
            words = WRITTEN + words[1:]
        return _answer(self._json("POST", "/model/parse", {"text": words}, seconds))

    def release(self) -> str:
        """The release that it serves now."""
        answer = self.ask(PROBE)
        return answer.release if answer else ""

    def model_file(self) -> str:
        """The name of the model that it understands with; empty if it has none."""
        try:
            return str(self._json("GET", "/status").get("model_file") or "")
        except NoModel:
            return ""

    def train(self, project: str, seconds: float = TRAINING_SECONDS) -> str:
        """Train on a project in one YAML document, whatever Rasa remembers of earlier ones; the model's name.

        Meanwhile, and afterwards, it understands with the model that it has.
        """
        response = self._call(
            "POST",
            "/model/train",
            seconds,
            {"force_training": "true"},
            data=project.encode(),
            headers={"Content-Type": "application/yaml"},
        )
        return str(response.headers.get("filename", ""))

    def load(self, model_file: str) -> None:
        """Have the server understand with another of its models; BadRequest where it has that no longer.

        It tells names, but takes paths.
        """
        if not model_file:
            raise BadRequest("no file is named")
        self._call("PUT", "/model", LOADING_SECONDS, json={"model_file": f"models/{PurePath(model_file).name}"})

    def _json(
        self, method: str, path: str, body: dict[str, str] | None = None, seconds: float = math.inf
    ) -> dict[str, Any]:
        response = self._call(method, path, min(seconds, READ_SECONDS), json=body)
        try:
            data = response.json()
        except requests.JSONDecodeError:
            raise RasaAway("not JSON") from None
        if not isinstance(data, dict):
            raise RasaAway("not an object")
        return data

    def _call(
        self, method: str, path: str, seconds: float, how: dict[str, str] | None = None, **content: Any
    ) -> requests.Response:
        try:
            response = self._http.request(
                method,
                self._url + path,
                params={**self._token, **(how or {})},
                allow_redirects=False,
                timeout=(min(CONNECT_SECONDS, seconds), seconds),
                **content,
            )
        except requests.RequestException as error:  # its text holds the address and with it the token
            raise RasaAway(type(error).__name__) from None
        if response.status_code == CONFLICT:
            raise NoModel("has no model yet")
        if response.status_code == BAD_REQUEST:
            raise BadRequest(f"status {BAD_REQUEST}")
        if not response.ok:
            raise RasaAway(f"status {response.status_code}")
        return response


def _answer(data: dict[str, Any]) -> Answer:
    try:
        answer = Answer.model_validate(data)
    except ValidationError:
        raise RasaAway("not an understanding") from None
    if not answer.intent.name:
        raise RasaAway("no intent")
    return answer
