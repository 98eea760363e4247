"""Which release is active, for whoever asks at every text: looked up once a second at most."""

import time

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.db import Sessions, reading
from bot.nlu import release

CHECK_SECONDS = 1.0
log = structlog.get_logger()


class Pointer:
    """Tells the active release's digest; empty while there is none, the one last seen while nobody can tell."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._seen = ""
        self._checked = float("-inf")

    def digest(self) -> str:
        if time.monotonic() - self._checked >= CHECK_SECONDS:
            self._checked = time.monotonic()
            self._seen = self._look()
        return self._seen

    def _look(self) -> str:
        try:
            with reading(self._sessions) as session:
                found = release.active(session)
        except SQLAlchemyError as error:
            log.warning("nlu.release_unknown", error=type(error).__name__)
            return self._seen
        return found.digest if found else ""
