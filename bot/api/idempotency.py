"""Writes that may be repeated: under the same `Idempotency-Key` a call is done once, and answered the same again.

What is done and what was answered are stored in one transaction, so not even a killed process does it twice.
A field of the answer that is marked `SHOWN_ONCE` is not stored, and null when the call is repeated.
"""

import hmac
from collections.abc import Callable
from datetime import timedelta

from flask import Response, current_app, request
from pydantic import BaseModel
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot import people
from bot.api.gate import caller
from bot.api.problems import problem
from bot.clock import now
from bot.models import ApiRequest
from bot.services import Services
from bot.sweeper import every
from bot.transactions import transact

HEADER = "Idempotency-Key"
LONGEST = 80
KEPT = timedelta(hours=24)
SHOWN_ONCE = "shown once"

Work = Callable[[Session], BaseModel]


def once(work: Work, status: int = 200) -> Response:
    """Do it in a transaction of its own and answer with what it returns; under a key that is known, only answer."""
    key = request.headers.get(HEADER, "")
    services: Services = current_app.extensions["frontline"]
    if len(key) > LONGEST:
        return problem(400, f"{HEADER} may have {LONGEST} characters")
    if not key:
        return _answer(transact(services.sessions, work).model_dump_json(), status)
    return transact(services.sessions, lambda session: _under(session, key, work, status))


def _under(session: Session, key: str, work: Work, status: int) -> Response:
    """Whoever inserts the key does the work; a second caller waits for that, and then finds it done."""
    mine = {"token_id": caller().token_id, "key": key}
    row = {**mine, "request": _fingerprint(), "status": status, "body": "", "created_at": now()}
    if people.insert_missing(session, ApiRequest, row):
        answer = work(session)
        _stored(session, mine).body = _kept(answer).model_dump_json()
        return _answer(answer.model_dump_json(), status)
    done = _stored(session, mine)
    if done.request != _fingerprint():
        return problem(422, f"{HEADER} was used for another request", "urn:frontline:key-reused")
    return _answer(done.body, done.status, {"Idempotent-Replay": "true"})


def _kept(answer: BaseModel) -> BaseModel:
    secret = [name for name, field in type(answer).model_fields.items() if SHOWN_ONCE in field.metadata]
    return answer.model_copy(update=dict.fromkeys(secret))


def _stored(session: Session, mine: dict[str, object]) -> ApiRequest:
    return session.scalars(select(ApiRequest).filter_by(**mine)).one()


def _answer(body: str, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(body, status=status, mimetype="application/json", headers=headers)


def _fingerprint() -> str:
    """What is asked for. Keyed with the token, which is stored nowhere: a password in it cannot be guessed from it."""
    asked = b"\0".join((request.method.encode(), request.path.encode(), request.get_data()))
    return hmac.digest(request.headers["Authorization"].encode(), asked, "sha256").hex()


@every(600)
def forget(current: Services) -> None:
    """A key is kept for a day."""
    old = delete(ApiRequest).where(ApiRequest.created_at < now() - KEPT)
    transact(current.sessions, lambda session: session.execute(old))
