"""Which release is live: a single pointer, the release that was activated last."""

import time
from datetime import timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.clock import now
from bot.db import Sessions, reading
from bot.models import Release

CHECK_SECONDS = 1.0
log = structlog.get_logger()


def active(session: Session) -> Release | None:
    """The release that understands and decides now."""
    newest = select(Release).where(Release.activated_at.is_not(None))
    return session.scalar(newest.order_by(Release.activated_at.desc(), Release.id.desc()).limit(1))


def activate(session: Session, release: Release) -> None:
    """Move the pointer, also where the clock was set back; who understands looks at it once a second."""
    before = active(session)
    after = before.activated_at + timedelta(microseconds=1) if before and before.activated_at else now()
    release.activated_at = max(now(), after)
    session.flush()
    log.info("nlu.release_activated", release_id=release.id)


class Pointer:
    """Tells what the live release has learned, for whoever asks at every text: looked up once a second at most.

    Empty while there is none; the one last seen while nobody can tell.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._seen = ""
        self._checked = float("-inf")

    def learned(self) -> str:
        if time.monotonic() - self._checked >= CHECK_SECONDS:
            self._checked = time.monotonic()
            self._seen = self._look()
        return self._seen

    def _look(self) -> str:
        try:
            with reading(self._sessions) as session:
                found = active(session)
        except SQLAlchemyError as error:
            log.warning("nlu.release_unknown", error=type(error).__name__)
            return self._seen
        return found.learned if found else ""
