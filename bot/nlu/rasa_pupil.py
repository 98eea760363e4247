"""A Rasa server as the one that learns our releases: each once, since it keeps what it learned as a file.

Which file holds what is a row of `rasa_models`. Rasa names its files itself, and cannot list them.
"""

import time
from collections.abc import Callable
from functools import partial
from pathlib import PurePath

import structlog
from sqlalchemy.orm import Session

from bot.db import Sessions, reading
from bot.models import RasaModel
from bot.nlu.rasa_server import BadRequest, NoModel, RasaAway, RasaServer
from bot.transactions import transact

log = structlog.get_logger()


class Pupil:
    """A server, called by its place in RASA_URL. What it is asked may end with RasaAway."""

    def __init__(self, sessions: Sessions, server: RasaServer, place: int) -> None:
        self._sessions = sessions
        self._server = server
        self.place = place

    def knows(self, learned: str) -> bool:
        """Whether it has learned this. Nobody looks whether its file is still there."""
        return bool(self._file(learned))

    def serves(self, learned: str) -> bool:
        """Whether it understands by this, now or from now on; if not, it has to learn it."""
        file = self._file(learned)
        if self._answers_by(learned):
            if not file:
                self._remember(learned, self._server.model_file())
            return True
        return bool(file) and self._takes_up(learned, file)

    def learn(self, learned: str, project: Callable[[], str], seconds: float) -> None:
        """Within so many seconds, and beside what it serves; one that is slow or silent now is taught nothing."""
        self._answers_by(learned)
        if seconds <= 0:
            raise RasaAway("no time is left for it")
        log.info("rollout.rasa_learns", server=self.place, digest=learned[:12])
        began = time.monotonic()
        self._remember(learned, self._server.train(project(), seconds))
        log.info("rollout.rasa_learned", server=self.place, digest=learned[:12], seconds=_since(began))

    def _takes_up(self, learned: str, file: str) -> bool:
        """Load what it has learned; a file that is gone, or another's by now, is forgotten."""
        began = time.monotonic()
        try:
            self._server.load(file)
            served = self._answers_by(learned)
            wrong = not served and self._holds(file)
        except BadRequest:
            served, wrong = False, True
        if served:
            log.info("rollout.rasa_serves", server=self.place, digest=learned[:12], seconds=_since(began))
        if wrong:
            log.warning("rollout.rasa_forgot", server=self.place, digest=learned[:12])
            transact(self._sessions, partial(_forget, key=(self._server.name, learned)))
        return served

    def _holds(self, file: str) -> bool:
        """Whether it is just this that it understands with; another process may have had it load something else."""
        return PurePath(self._server.model_file()).name == PurePath(file).name

    def _answers_by(self, learned: str) -> bool:
        """Only a server that has no model, or another one, has something to learn."""
        try:
            return self._server.release() == learned
        except NoModel:
            return False

    def _file(self, learned: str) -> str:
        with reading(self._sessions) as session:
            found = session.get(RasaModel, (self._server.name, learned))
            return found.file if found else ""

    def _remember(self, learned: str, file: str) -> None:
        if file:
            kept = RasaModel(server=self._server.name, learned=learned, file=file)
            transact(self._sessions, lambda session: session.merge(kept))


def _forget(session: Session, key: tuple[str, str]) -> None:
    found = session.get(RasaModel, key)
    if found:
        session.delete(found)


def _since(began: float) -> float:
    return round(time.monotonic() - began, 1)
