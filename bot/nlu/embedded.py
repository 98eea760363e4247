"""The engine in this process: understands with the active release, and changes over when the pointer moves."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.db import Sessions, reading
from bot.errors import ContentError
from bot.models import Release
from bot.nlu import embedding, release, shipped
from bot.nlu.model import Model, Prediction
from bot.nlu.pointer import active
from bot.nlu.release import Stamp
from bot.nlu.understanding import by_rules_alone, understood
from bot.ports import Understanding
from bot.settings import Settings

CHECK_SECONDS = 1.0
NAME = "embedded"
log = structlog.get_logger()


@dataclass(frozen=True)
class _Loaded:
    release_id: int
    home: Path
    model: Model


class Embedded:
    """Implements `bot.ports.Nlu`. Without a release that loads, the phrase rules still understand."""

    name = NAME

    def __init__(self, settings: Settings, sessions: Sessions) -> None:
        self._settings = settings
        self._sessions = sessions
        self._loaded: _Loaded | None = None
        self._refused: Stamp | None = None
        self._known: tuple[Stamp, bool] | None = None
        self._checked = float("-inf")

    def ready(self) -> bool:
        """Whether the active release's artefact is whole; it is read again only after its files have changed."""
        with reading(self._sessions) as session:
            found = active(session)
        if found is None:
            return False
        home = release.home(self._settings, found)
        stamp = release.stamp(home)
        if self._known is None or self._known[0] != stamp:
            self._known = stamp, release.loads(home)
        return self._known[1]

    def trouble(self) -> str:
        """Nobody stands in for it: it is ready or not."""
        return ""

    def parse(self, texts: Sequence[str]) -> list[Understanding]:
        self._refresh()
        return [self._understand(text) for text in texts]

    def _understand(self, text: str) -> Understanding:
        if not self._loaded:
            return by_rules_alone(text, shipped.phrases())
        try:
            return understand(self._loaded.model, text, str(self._loaded.release_id))
        except Exception as error:  # whatever a text does to the classifier, its customer is still answered
            log.error("nlu.text_failed", release_id=self._loaded.release_id, error=type(error).__name__)
            return by_rules_alone(text, shipped.phrases())

    def _refresh(self) -> None:
        """Follow the pointer, looking at most once a second; a release of another policy alone needs no new model."""
        if time.monotonic() - self._checked < CHECK_SECONDS:
            return
        self._checked = time.monotonic()
        wanted = self._pointer()
        if wanted is None or (self._loaded and self._loaded.release_id == wanted.id):
            return
        home = release.home(self._settings, wanted)
        if self._loaded and self._loaded.home == home:
            self._loaded = replace(self._loaded, release_id=wanted.id)
        else:
            self._load(wanted.id, home)

    def _pointer(self) -> Release | None:
        try:
            with reading(self._sessions) as session:
                return active(session)
        except SQLAlchemyError as error:
            log.warning("nlu.release_unknown", error=type(error).__name__)
            return None

    def _load(self, release_id: int, home: Path) -> None:
        stamp = release.stamp(home)
        if stamp == self._refused:
            return
        try:
            model = Model.load(home)
        except ContentError as error:
            self._refused = stamp  # said once; we look again when somebody has mended the files
            log.error(
                "nlu.release_refused",
                release_id=release_id,
                error=type(error).__name__,
                kept=self._loaded.release_id if self._loaded else None,
            )
            return
        self._loaded = _Loaded(release_id, home, model)
        log.info("nlu.release_loaded", release_id=release_id, embedding=model.embeds)
        if reason := embedding.trouble():
            log.warning("nlu.embedding_missing", reason=reason)


def understand(model: Model, text: str, release: str) -> Understanding:
    """What a model makes of a text, with the phrases that win over it."""
    phrases = shipped.phrases()
    prediction = _predicted(model, text, decided=phrases.first(text, surely=True) is not None)
    return understood(text, prediction.ranking, prediction.threshold, phrases, NAME, release)


def _predicted(model: Model, text: str, *, decided: bool) -> Prediction:
    """What the model says; where a phrase has decided, the embedding cannot change the act."""
    return model.glance(text) if decided else model.predict(text)
