"""A round of the ticker over cases, each in a transaction of its own: one that fails keeps no other from its turn."""

from collections.abc import Callable, Iterable
from functools import partial

import structlog
from sqlalchemy.exc import DBAPIError

from bot.db import Sessions
from bot.transactions import transact

log = structlog.get_logger()


def each(sessions: Sessions, ticket_ids: Iterable[int], turn: Callable[..., None], job: str) -> None:
    for ticket_id in ticket_ids:
        try:
            transact(sessions, partial(turn, ticket_id=ticket_id))
        except DBAPIError:
            raise  # no other could have its turn now either
        except Exception:
            log.exception("case.turn_failed", job=job, ticket_id=ticket_id)
