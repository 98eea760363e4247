"""Whether the parts that an answer needs would work now: asked each time, none assumed."""

import shutil
from collections.abc import Callable

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot import db, deadlines
from bot.broker import BUILDS, FILES
from bot.errors import BrokerAway
from bot.nlu import release
from bot.services import Services
from bot.transactions import fault

OK = "ok"
IDLE = {
    FILES: "no worker takes jobs: pictures and other files from customers wait",
    BUILDS: "no worker takes jobs: releases are not made, new articles are found by their words only",
}
REPLACED = frozenset({"rasa", "release", *IDLE})  # while these are away, or behind, customers are answered all the same
HANGS = 2.0  # seconds that PostgreSQL may take for its answers
ROOM = 16_000_000  # bytes; with less, what comes next may not find its place


def states(services: Services) -> dict[str, str]:
    """The state of database, disk, queue, NLU, each channel and, if there is one, Rasa: `ok`, or what is wrong."""
    with deadlines.within(HANGS):
        rasa = {"rasa": _said(lambda: _rasa(services))} if services.settings.rasa_urls else {}
        database = _said(lambda: _database(services))
        channels = _channels(services) if database == OK else {}  # their keys lie there
        behind = _behind(services) if database == OK else {}
        return (
            rasa
            | channels
            | behind
            | _idle(services)
            | {
                "database": database,
                "disk": _said(lambda: _disk(services)),
                "queue": _said(lambda: _queue(services)),
                "nlu": _said(lambda: _nlu(services)),
            }
        )


def _said(check: Callable[[], str]) -> str:
    try:
        return check()
    except SQLAlchemyError as error:
        return f"not reachable ({fault(error)})"
    except (BrokerAway, OSError) as error:
        return f"not reachable ({type(error).__name__})"


def _database(services: Services) -> str:
    with db.reading(services.sessions) as session:
        session.execute(text("SELECT 1"))
    return OK


def _disk(services: Services) -> str:
    free = shutil.disk_usage(services.settings.data).free
    return OK if free >= ROOM else f"full: {free // 1_000_000} MB free in the data folder"


def _queue(services: Services) -> str:
    if not services.broker.workers():
        return "no worker takes jobs"
    return OK if services.broker.ticks() else "no ticker takes what falls due"


def _idle(services: Services) -> dict[str, str]:
    """The queues that nobody takes from, while answers go out."""
    try:
        return {queue: wrong for queue, wrong in IDLE.items() if not services.broker.workers(queue)}
    except BrokerAway:
        return {}  # which is said of the queue


def _nlu(services: Services) -> str:
    return OK if services.wiring.nlu.ready() else "no engine understands; only rules do"


def _channels(services: Services) -> dict[str, str]:
    """Those on which we have an account. The platforms are not asked: they count, and mind."""
    troubles = {name: channel.trouble() for name, channel in services.wiring.channels.items()}
    return {name: trouble or OK for name, trouble in troubles.items() if trouble is not None}


def _behind(services: Services) -> dict[str, str]:
    """Where newer files are shipped than the live release was made of: whoever made that decides."""
    with db.reading(services.sessions) as session:
        found = release.outdated(session)
    if found is None:
        return {}
    live, newest = found
    return {"release": f"r{live.id} is live, of older files than r{newest.id}: build it anew at /content/releases"}


def _rasa(services: Services) -> str:
    return services.wiring.nlu.trouble() or OK
