"""Has the Rasa servers learn the active release. Until one has, the embedded engine understands in its place.

The builder does it, since it takes a minute: as soon as another release is live, and once a minute besides, when a
server that starts without a model, or is new, is found too.
"""

import time

import structlog
from sqlalchemy.orm import Session

from bot import services
from bot.broker import BUILDS
from bot.db import reading
from bot.errors import ContentError
from bot.models import Release
from bot.nlu import rasa_training
from bot.nlu.pointer import active
from bot.nlu.rasa_server import NoModel, RasaAway, RasaServer
from bot.services import Services

JOB = "bot.rollout.teach"
log = structlog.get_logger()


def follow(session: Session) -> None:
    """Another release is live once this is committed: the servers begin to learn it at once."""
    current = services.current()
    if current.settings.rasa_urls:
        current.broker.after_commit(session, JOB, queue=BUILDS)


def look_after_rasa(current: Services) -> None:
    """Leave it to the builder, if there is a Rasa server; one such job waiting is enough."""
    if current.settings.rasa_urls and not current.broker.backlog(BUILDS):
        current.broker.enqueue(JOB, queue=BUILDS)


def teach() -> None:
    """The job: every server that answers, and not as the active release would, learns it."""
    current = services.current()
    with reading(current.sessions) as session:
        found = active(session)
    if found is None:
        log.warning("rollout.no_release")
        return
    for place, url in enumerate(current.settings.rasa_urls, start=1):
        try:
            _teach(current, RasaServer(url, current.settings.rasa_token), found, place)
        except RasaAway as away:
            log.warning("rollout.rasa_away", server=place, reason=str(away))
        except ContentError as error:
            log.warning("rollout.other_files", release_id=found.id, reason=str(error))


def _teach(current: Services, server: RasaServer, live: Release, place: int) -> None:
    if _serves(server, live.learned):
        return
    log.info("rollout.rasa_learns", server=place, digest=live.learned[:12])
    began = time.monotonic()
    server.load(server.train(rasa_training.project_of(current.settings, live)))
    seconds = round(time.monotonic() - began, 1)
    log.info("rollout.rasa_learned", server=place, digest=live.learned[:12], seconds=seconds)


def _serves(server: RasaServer, learned: str) -> bool:
    """Only a server that has no model, or another one, has something to learn; a slow or silent one is away."""
    try:
        return server.release() == learned
    except NoModel:
        return False
