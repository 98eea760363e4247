"""The way in: signature over the raw bytes, split the batch, store, 200. No work on a message happens here."""

import json
import uuid

import structlog
from flask import Blueprint, Response, current_app, request
from prometheus_client import Counter
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge

from bot import db, deadlines, inbox, journal
from bot.auth import machine
from bot.clock import after
from bot.models import RefusedRequest
from bot.ports import Channel
from bot.services import Services
from bot.transactions import fault

HEAD_KEPT = 1_000_000
NOTED_EVERY = 60.0

log = structlog.get_logger()
refused = Counter("frontline_webhook_refused_total", "Webhook calls refused", ["channel", "reason"])
blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")


@blueprint.post("/line")
@machine
def line() -> Response:
    """LINE's webhook: 200 once stored; 401 signature, 400 no webhook, 413 too large, 503 when not stored."""
    return receive(current_app.extensions["frontline"], "line")


def receive(services: Services, channel_name: str) -> Response:
    """Take one webhook call of a channel."""
    request_id = str(uuid.uuid4())
    with structlog.contextvars.bound_contextvars(request_id=request_id):
        return _receive(services, services.wiring.channels[channel_name], request_id)


def _receive(services: Services, channel: Channel, request_id: str) -> Response:
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return _refuse(services, channel, 413, "too_large", request.content_length or 0, b"", request_id)
    if not channel.verify(body, {name.lower(): value for name, value in request.headers}):
        refused.labels(channel.name, "signature").inc()
        log.warning("webhook.refused", channel=channel.name, reason="signature")
        return _answer(401, "signature")
    try:
        account, events = channel.split(json.loads(body, parse_int=_number))
    except (ValueError, RecursionError):
        return _refuse(services, channel, 400, "malformed", len(body), body[:HEAD_KEPT], request_id)
    return _store(services, channel, account, events, request_id)


def _store(
    services: Services, channel: Channel, account: str, events: list[dict[str, object]], request_id: str
) -> Response:
    try:
        accepted = inbox.accept(services, channel, account, events, request_id)
    except SQLAlchemyError as error:
        log.error("webhook.not_stored", channel=channel.name, error=fault(error))
        refused.labels(channel.name, "not_stored").inc()
        return _answer(503, "not stored, deliver again")
    log.info("webhook.accepted", channel=channel.name, stored=accepted.stored, repeated=accepted.repeated)
    return _answer(200, "ok")


def _refuse(
    services: Services, channel: Channel, status: int, reason: str, size: int, head: bytes, request_id: str
) -> Response:
    """Count it, and keep a row that staff can see: at most one a minute and reason, since anybody can knock."""
    refused.labels(channel.name, reason).inc()
    log.warning("webhook.refused", channel=channel.name, reason=reason, size=size)
    try:
        with deadlines.within(inbox.PATIENCE):
            _note(
                services,
                RefusedRequest(channel=channel.name, reason=reason, size=size, head=head, request_id=request_id),
            )
    except SQLAlchemyError as error:
        log.error("webhook.not_noted", reason=reason, error=fault(error))
    return _answer(status, reason)


def _note(services: Services, row: RefusedRequest) -> None:
    with db.reading(services.sessions) as session:
        if row.reason == "too_large" and _noted_lately(session, row.reason):
            return
    with services.sessions.begin() as session:
        session.add(row)
        journal.write(session, "webhook.refused", reason=row.reason, size=row.size, channel=row.channel)


def _noted_lately(session: Session, reason: str) -> bool:
    recent = (
        select(func.count())
        .select_from(RefusedRequest)
        .where(RefusedRequest.reason == reason, RefusedRequest.received_at > after(-NOTED_EVERY))
    )
    return bool(session.scalar(recent))


def _number(digits: str) -> float:
    """An integer of JSON; one that no int should be made of becomes a float, so that its event is not lost."""
    return int(digits) if len(digits) < 20 else float(digits)


def _answer(status: int, text: str) -> Response:
    return Response(text, status, mimetype="text/plain")
