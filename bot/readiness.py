"""Whether the parts that an answer needs would work now: asked each time, none assumed."""

from collections.abc import Callable

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot import db
from bot.errors import BrokerAway
from bot.services import Services

OK = "ok"


def states(services: Services) -> dict[str, str]:
    """The state of database, queue and NLU: `ok`, or a line that says what is wrong."""
    return {
        "database": _said(lambda: _database(services)),
        "queue": _said(lambda: _queue(services)),
        "nlu": _said(lambda: _nlu(services)),
    }


def _said(check: Callable[[], str]) -> str:
    try:
        return check()
    except (SQLAlchemyError, BrokerAway, OSError) as error:
        return f"not reachable ({type(error).__name__})"


def _database(services: Services) -> str:
    with db.reading(services.sessions) as session:
        session.execute(text("SELECT 1"))
    return OK


def _queue(services: Services) -> str:
    if not services.broker.workers():
        return "no worker takes jobs"
    return OK if services.broker.ticks() else "no ticker takes what falls due"


def _nlu(services: Services) -> str:
    return OK if services.wiring.nlu.ready() else "no trained release"
