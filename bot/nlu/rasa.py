"""A Rasa server as an engine, over HTTP. Its token travels as a query parameter, so addresses are never logged."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

import requests
import structlog
from pydantic import BaseModel, ValidationError

from bot.errors import FrontlineError
from bot.messages import printable
from bot.nlu import shipped
from bot.nlu.calibration import Threshold
from bot.nlu.policy import load
from bot.nlu.understanding import Ranking, by_rules_alone, understood, without_words
from bot.ports import Understanding
from bot.settings import Settings

CONNECT_SECONDS, READ_SECONDS, TRAINING_SECONDS = 0.5, 2.0, 900.0
LONGEST = 1000
log = structlog.get_logger()


class RasaAway(FrontlineError):
    """The server did not answer, or not with an understanding; the text names what went wrong, no address."""


class _Ranked(BaseModel):
    name: str | None
    confidence: float


class _Answer(BaseModel):
    intent: _Ranked
    intent_ranking: tuple[_Ranked, ...] = ()
    model_id: str = ""


class Rasa:
    """Implements `bot.ports.Nlu`; `ask` is the same for callers with something to fall back on."""

    name = "rasa"

    def __init__(self, settings: Settings) -> None:
        self._url = settings.rasa_url.rstrip("/")
        self._token = {"token": settings.rasa_token} if settings.rasa_token else {}
        self._http = requests.Session()

    def ready(self) -> bool:
        """Whether the server answers and has a model."""
        try:
            return bool(self.model_file())
        except RasaAway:
            return False

    def model_file(self) -> str:
        """The name of the model that the server understands with."""
        return str(self._json("GET", "/status").get("model_file") or "")

    def train(self, project: str) -> str:
        """Train on a project in one YAML document; the new model's name."""
        response = self._call(
            "POST",
            "/model/train",
            TRAINING_SECONDS,
            data=project.encode(),
            headers={"Content-Type": "application/yaml"},
        )
        return str(response.headers.get("filename", ""))

    def load(self, model_file: str) -> None:
        """Have the server understand with another of its models. It tells names, but takes paths."""
        self._call("PUT", "/model", TRAINING_SECONDS, json={"model_file": f"models/{PurePath(model_file).name}"})

    def parse(self, texts: Sequence[str]) -> list[Understanding]:
        try:
            return self.ask(texts)
        except RasaAway as away:
            log.warning("nlu.rasa_away", reason=str(away))
            return [by_rules_alone(text, shipped.phrases()) for text in texts]

    def ask(self, texts: Sequence[str]) -> list[Understanding]:
        """The server's understandings; RasaAway where it has none to give."""
        return [self._ask(text) for text in texts]

    def _ask(self, text: str) -> Understanding:
        words = printable(text).strip()[:LONGEST]
        if not words:  # an empty text is a server error to Rasa
            return without_words(text, shipped.phrases())
        answer = _answer(self._json("POST", "/model/parse", {"text": words}))
        thresholds = load()[0].thresholds
        threshold = Threshold(thresholds.accept, thresholds.margin)
        return understood(text, _ranking(answer), threshold, shipped.phrases(), self.name, answer.model_id)

    def _json(self, method: str, path: str, body: dict[str, str] | None = None) -> dict[str, Any]:
        response = self._call(method, path, READ_SECONDS, json=body)
        try:
            data = response.json()
        except requests.JSONDecodeError:
            raise RasaAway("not JSON") from None
        if not isinstance(data, dict):
            raise RasaAway("not an object")
        return data

    def _call(self, method: str, path: str, seconds: float, **content: Any) -> requests.Response:
        try:
            response = self._http.request(
                method,
                self._url + path,
                params=self._token,
                allow_redirects=False,
                timeout=(CONNECT_SECONDS, seconds),
                **content,
            )
        except requests.RequestException as error:  # its text holds the address and with it the token
            raise RasaAway(type(error).__name__) from None
        if not response.ok:
            raise RasaAway(f"status {response.status_code}")
        return response


def _answer(data: dict[str, Any]) -> _Answer:
    try:
        return _Answer.model_validate(data)
    except ValidationError:
        raise RasaAway("not an understanding") from None


def _ranking(answer: _Answer) -> Ranking:
    ranked = answer.intent_ranking or (answer.intent,)
    named = tuple((intent.name, intent.confidence) for intent in ranked if intent.name)
    if not named:
        raise RasaAway("no intent")
    return named
