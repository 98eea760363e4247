"""Who has a stream open has the console open, so is there.

One thread says so for all of them: the thread of a stream that has once asked the database keeps some 12 KB more of
stack and of Python's own for as long as it lives, and a thousand wait here.
"""

import threading
import time
from collections import Counter

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot import db
from bot.transactions import fault
from handoff import presence

BEAT = 15.0

log = structlog.get_logger()


class Attendance:
    """The members with streams of this process, each as often as she has one open."""

    def __init__(self, sessions: db.Sessions) -> None:
        self._sessions = sessions
        self._lock = threading.Lock()
        self._open: Counter[int] = Counter()

    def begin(self) -> None:
        """Go on saying who is there, until the process ends."""
        threading.Thread(target=self._run, name="stream-attendance", daemon=True).start()

    def come(self, user_id: int) -> None:
        with self._lock:
            self._open[user_id] += 1
        self._say(user_id)

    def leave(self, user_id: int) -> None:
        with self._lock:
            self._open -= Counter([user_id])  # whoever has none left is forgotten

    def beat(self) -> None:
        """Everybody who is here is there."""
        with self._lock:
            here = list(self._open)
        for user_id in here:
            self._say(user_id)

    def _run(self) -> None:
        while True:
            time.sleep(BEAT)
            self.beat()

    def _say(self, user_id: int) -> None:
        try:
            presence.seen(self._sessions, user_id)
        except SQLAlchemyError as error:  # streams go on without the database, and the next beat says it again
            log.warning("presence.not_stored", error=fault(error))
