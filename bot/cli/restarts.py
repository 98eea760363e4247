"""How long to wait before a dead process is started again."""

from collections import deque

SOON = 0.2
WINDOW = 60.0
TOLERATED = 5
LONGEST = 30.0


class Restarts:
    """At once as long as deaths are rare; ever later when a process dies more than five times a minute."""

    def __init__(self) -> None:
        self._deaths: deque[float] = deque()
        self._pause = SOON

    def pause_after_death(self, now: float) -> float:
        """Seconds to wait after a death at `now`."""
        self._deaths.append(now)
        while self._deaths[0] < now - max(WINDOW, 2 * self._pause):
            self._deaths.popleft()
        many = len(self._deaths) > TOLERATED
        self._pause = min(max(self._pause * 2, 1.0), LONGEST) if many else SOON
        return self._pause
