"""The way in: signature over the raw bytes, split the batch, store, 200. No work on a message happens here."""

import contextlib
import hmac
import json
import uuid
from collections.abc import Sequence

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
from bot.ports import Batches, Channel
from bot.services import Services
from bot.transactions import fault

HEAD_KEPT = 1_000_000
NOTED_EVERY = 60.0
LONGEST_CHALLENGE = 200

log = structlog.get_logger()
refused = Counter("frontline_webhook_refused_total", "Webhook calls refused", ["channel", "reason"])
blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")


@blueprint.post("/line")
@machine
def line() -> Response:
    """LINE's webhook: 200 once stored; 401 signature, 400 no webhook, 413 too large, 503 when not stored."""
    return receive(current_app.extensions["frontline"], "line")


@blueprint.get("/messenger")
@machine
def confirm() -> Response:
    """Meta asks whether the address is ours before it sends anything: who knows our word gets his back."""
    token = current_app.extensions["frontline"].settings.meta_verify_token
    given = request.args.get("hub.verify_token", "")
    known = bool(token) and hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())
    if not known or request.args.get("hub.mode") != "subscribe":
        log.warning("webhook.refused", channel="messenger", reason="verify_token")
        return _answer(403, "verify token")
    return _answer(200, request.args.get("hub.challenge", "")[:LONGEST_CHALLENGE])


@blueprint.post("/messenger")
@machine
def messenger() -> Response:
    """Meta's webhook, for Pages and for Instagram accounts; answers as LINE's does."""
    return receive(current_app.extensions["frontline"], "messenger", "instagram")


def receive(services: Services, *channels: str) -> Response:
    """Take one webhook call, of the first of these channels whose it is."""
    request_id = str(uuid.uuid4())
    with structlog.contextvars.bound_contextvars(request_id=request_id):
        return _receive(services, [services.wiring.channels[name] for name in channels], request_id)


def _receive(services: Services, channels: Sequence[Channel], request_id: str) -> Response:
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return _refuse(services, channels[0], 413, "too_large", request.content_length or 0, b"", request_id)
    headers = {name.lower(): value for name, value in request.headers}
    signed = [channel for channel in channels if channel.verify(body, headers)]
    if not signed:
        refused.labels(channels[0].name, "signature").inc()
        log.warning("webhook.refused", channel=channels[0].name, reason="signature")
        return _answer(401, "signature")
    try:
        channel, batches = _split(signed, json.loads(body, parse_int=_number))
    except (ValueError, RecursionError):
        return _refuse(services, signed[0], 400, "malformed", len(body), body[:HEAD_KEPT], request_id)
    return _store(services, channel, batches, request_id)


def _split(channels: Sequence[Channel], body: object) -> tuple[Channel, Batches]:
    """Whose webhook it is, and what it holds; ValueError where it is nobody's."""
    for channel in channels:
        with contextlib.suppress(ValueError):
            return channel, channel.split(body)
    raise ValueError("a webhook of none of these channels")


def _store(services: Services, channel: Channel, batches: Batches, request_id: str) -> Response:
    """Each account's events by themselves: where one cannot be stored all are delivered again, and known by then."""
    try:
        accepted = [inbox.accept(services, channel, account, events, request_id) for account, events in batches]
    except SQLAlchemyError as error:
        log.error("webhook.not_stored", channel=channel.name, error=fault(error))
        refused.labels(channel.name, "not_stored").inc()
        return _answer(503, "not stored, deliver again")
    stored, repeated = sum(one.stored for one in accepted), sum(one.repeated for one in accepted)
    log.info("webhook.accepted", channel=channel.name, stored=stored, repeated=repeated)
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
