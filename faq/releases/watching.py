"""Looks after builds: one whose job was lost with Redis is begun, one whose worker died is given up and says so."""

from functools import partial

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import db
from bot.broker import BUILDS
from bot.services import Services
from bot.sweeper import every
from bot.transactions import transact
from faq.models import Build
from faq.releases import builds

log = structlog.get_logger()


@every(30)
def look(current: Services) -> None:
    with db.reading(current.sessions) as session:
        open_ones = session.scalars(select(Build).where(Build.state.not_in(builds.OVER))).all()
    for build in open_ones:
        if builds.lost(build):
            log.error("release.build_failed", build_id=build.id, **builds.DIED)
            transact(current.sessions, partial(_give_up, build_id=build.id))
        elif build.state == "waiting" and not current.broker.backlog(BUILDS):
            current.broker.enqueue(builds.JOB, build.id, queue=BUILDS)  # whoever comes second finds it begun


def _give_up(session: Session, build_id: int) -> None:
    builds.end(session, build_id, "failed", builds.DIED)
