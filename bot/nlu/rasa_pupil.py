"""A Rasa server as the one that learns our releases: each once, since it keeps what it learned as a file.

Which file holds what is a row of `rasa_models`. Rasa names its files itself, and cannot list them.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import PurePath

import structlog
from sqlalchemy.orm import Session

from bot.clock import now
from bot.db import Sessions, reading
from bot.models import RasaModel
from bot.nlu.rasa_server import BadRequest, NoModel, RasaAway, RasaServer
from bot.transactions import transact

MEND = "its folder must be ./models of where it was started; its frontline_rasa must be of this version"
PAUSE = timedelta(hours=1)  # before a server learns again what it did not take up: a minute's work, for nothing
log = structlog.get_logger()


class CannotLoad(RasaAway):
    """The server learned just this, and does not take it up; the text says what to mend."""


class Pupil:
    """A server, called by its place in RASA_URL. What it is asked may end with RasaAway."""

    def __init__(self, sessions: Sessions, server: RasaServer, place: int) -> None:
        self._sessions = sessions
        self._server = server
        self.place = place
        self._fresh = ""  # what it has learned just now

    def knows(self, learned: str) -> bool:
        """Whether it has learned this. Nobody looks whether its file is still there."""
        kept = self._kept(learned)
        return kept is not None and bool(kept.file)

    def serves(self, learned: str) -> bool:
        """Whether it understands by this, now or from now on; if not, it has to learn it."""
        kept = self._kept(learned)
        if self._answers_by(learned):
            if not (kept and kept.file):
                self._remember(learned, self._server.model_file())
            return True
        return kept is not None and self._takes_up(kept)

    def learn(self, learned: str, project: Callable[[], str], seconds: float) -> None:
        """Within so many seconds, and beside what it serves; one that is slow or silent now is taught nothing."""
        self._answers_by(learned)
        if seconds <= 0:
            raise RasaAway("no time is left for it")
        log.info("rollout.rasa_learns", server=self.place, digest=learned[:12])
        began = time.monotonic()
        file = self._server.train(project(), seconds)
        self._remember(learned, file)
        self._fresh = learned
        if not file:
            raise RasaAway("names no file")
        log.info("rollout.rasa_learned", server=self.place, digest=learned[:12], seconds=_since(began))

    def _takes_up(self, kept: RasaModel) -> bool:
        """Load what it has learned. What it does not have, or holds something else by now, it has to learn anew."""
        began = time.monotonic()
        try:
            self._server.load(kept.file)
            served = self._answers_by(kept.learned)
            wrong = not served and self._holds(kept.file)
        except BadRequest:
            served, wrong = False, True
        if served:
            log.info("rollout.rasa_serves", server=self.place, digest=kept.learned[:12], seconds=_since(began))
        if wrong:
            self._refused(kept)
        return served

    def _refused(self, kept: RasaModel) -> None:
        """Forget the file; but if even what it had just learned was refused, remember that, and leave it alone."""
        key = (kept.server, kept.learned)
        if kept.learned == self._fresh:
            transact(self._sessions, partial(_mark, key=key))
        elif kept.refused_at is None or kept.refused_at < now() - PAUSE:
            log.warning("rollout.rasa_forgot", server=self.place, digest=kept.learned[:12])
            transact(self._sessions, partial(_forget, key=key))
            return
        raise CannotLoad(MEND)

    def _holds(self, file: str) -> bool:
        """Whether it is just this that it understands with; another process may have had it load something else."""
        return PurePath(self._server.model_file()).name == PurePath(file).name

    def _answers_by(self, learned: str) -> bool:
        """Only a server that has no model, or another one, has something to learn."""
        try:
            return self._server.release() == learned
        except NoModel:
            return False

    def _kept(self, learned: str) -> RasaModel | None:
        with reading(self._sessions) as session:
            return session.get(RasaModel, (self._server.name, learned))

    def _remember(self, learned: str, file: str) -> None:
        """Without a name as well: then it has learned in vain, which is remembered where it is taken up."""
        kept = RasaModel(server=self._server.name, learned=learned, file=file)
        transact(self._sessions, lambda session: session.merge(kept))


def _forget(session: Session, key: tuple[str, str]) -> None:
    found = session.get(RasaModel, key)
    if found:
        session.delete(found)


def _mark(session: Session, key: tuple[str, str]) -> None:
    found = session.get(RasaModel, key)
    if found:
        found.refused_at = now()


def _since(began: float) -> float:
    return round(time.monotonic() - began, 1)
