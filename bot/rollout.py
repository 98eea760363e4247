"""Has the Rasa servers understand by the live release. Until one does, the embedded engine stands in for it.

A server that has learned it, when it was built or live before, only loads it. That takes seconds, so it waits behind
no build: whoever fetches customers' files does it. To learn takes a minute or more, and is the builder's work.
"""

import math
import time
from collections.abc import Callable, Sequence
from functools import cache, partial

import structlog

from bot import services
from bot.abreast import abreast
from bot.broker import BUILDS, FILES, Broker
from bot.db import reading
from bot.errors import ContentError
from bot.models import Release
from bot.nlu import rasa_training
from bot.nlu.pointer import active
from bot.nlu.rasa_pupil import CannotLoad, Pupil
from bot.nlu.rasa_server import TRAINING_SECONDS, RasaAway, RasaServer
from bot.services import Services

FOLLOW, TEACH = "bot.rollout.follow", "bot.rollout.teach"
AGAIN_SECONDS, LOOK_SECONDS = 5.0, 60.0
NEVER = -math.inf
AHEAD_SECONDS = 600.0  # of a build, for all servers together: it has half an hour
log = structlog.get_logger()


class Lookout:
    """The ticker's eye on the pointer, whoever moves it: the servers follow at once.

    For a minute they are asked again every few seconds, since one that learns is slow to answer; then once a minute,
    when one that is new, or was started with another model, is found too.
    """

    def __init__(self) -> None:
        self._followed, self._since, self._asked = "", NEVER, NEVER

    def look(self, current: Services) -> None:
        """Have them follow, if it is time."""
        if current.settings.rasa_urls and self._due(_wanted(current)) and self._told(current.broker):
            self._asked = time.monotonic()

    def _due(self, wanted: str) -> bool:
        moment = time.monotonic()
        if wanted != self._followed:
            self._followed, self._since, self._asked = wanted, moment, NEVER
        pause = AGAIN_SECONDS if moment < self._since + LOOK_SECONDS else LOOK_SECONDS
        return moment >= self._asked + pause

    def _told(self, broker: Broker) -> bool:
        """Once the pointer has moved; again only where nothing waits, which may be the last time's job."""
        waits = self._asked > NEVER and broker.backlog(FILES) > 0
        return not waits and broker.enqueue(FOLLOW, queue=FILES)


def follow() -> None:
    """The job: every server that has learned the live release serves it, and the builder teaches the others."""
    current = services.current()
    live = _live(current)
    if live is None:
        log.warning("rollout.no_release")
        return
    learned = live.learned
    done = abreast(lambda pupil: _serves(pupil, learned), _pupils(current))
    if not all(done) and not current.broker.backlog(BUILDS):  # one such job waiting is enough
        current.broker.enqueue(TEACH, queue=BUILDS)


def teach() -> None:
    """The job of the builder: who has not learned the live release does now, one after the other."""
    current = services.current()
    live = _live(current)
    for pupil in _pupils(current):
        if live and not _serves(pupil, live.learned):
            _learns(pupil, live.learned, partial(rasa_training.project_of, current.settings, live))
            live = _live(current)  # it may be another one by now: to learn takes long
            if live:
                _serves(pupil, live.learned)


def learn_ahead(current: Services, learned: str, project: Callable[[], str], told: Callable[[int], None]) -> int:
    """The servers learn what may go live later, beside what they serve; how many have learned it then.

    `told` hears how many have, before each one that has not. Who is away learns it once it is live.
    """
    pupils, until, once = _pupils(current), time.monotonic() + AHEAD_SECONDS, cache(project)
    for pupil in pupils:
        if not pupil.knows(learned):
            told(_knowing(pupils, learned))
            _learns(pupil, learned, once, until)
    return _knowing(pupils, learned)


def _pupils(current: Services) -> list[Pupil]:
    urls, token = current.settings.rasa_urls, current.settings.rasa_token
    return [Pupil(current.sessions, RasaServer(url, token), place) for place, url in enumerate(urls, start=1)]


def _knowing(pupils: Sequence[Pupil], learned: str) -> int:
    return sum(pupil.knows(learned) for pupil in pupils)


def _live(current: Services) -> Release | None:
    with reading(current.sessions) as session:
        return active(session)


def _wanted(current: Services) -> str:
    live = _live(current)
    return live.learned if live else ""


def _serves(pupil: Pupil, learned: str) -> bool:
    """Whether there is nothing to teach it: it serves this, is away, or learned it lately in vain."""
    try:
        return pupil.serves(learned)
    except CannotLoad as mend:
        log.warning("rollout.rasa_cannot_load", server=pupil.place, digest=learned[:12], mend=str(mend))
        return True
    except RasaAway as away:
        log.warning("rollout.rasa_away", server=pupil.place, reason=str(away))
        return True


def _learns(pupil: Pupil, learned: str, project: Callable[[], str], until: float = math.inf) -> None:
    """If it can, and by then."""
    try:
        pupil.learn(learned, project, min(TRAINING_SECONDS, until - time.monotonic()))
    except RasaAway as away:
        log.warning("rollout.rasa_away", server=pupil.place, reason=str(away))
    except ContentError as error:
        log.warning("rollout.other_files", digest=learned[:12], reason=str(error))
