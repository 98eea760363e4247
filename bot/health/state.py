"""For machines, of the whole house: is it ready, what are its figures."""

import structlog
from flask import Blueprint, Response, current_app, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot import db, deadlines, figures, inbox, readiness
from bot.auth import machine
from bot.models import Account, Event, OutboxRow
from bot.services import Services
from bot.transactions import fault

HANGS = 2.0  # seconds that PostgreSQL may take for its answers
NOT_DONE = ("waiting", "set_aside")
NOT_SENT = ("queued", "sending", "unknown", "failed", "cancelled")

log = structlog.get_logger()
blueprint = Blueprint("state", __name__)


@blueprint.get("/readyz")
@machine
def readyz() -> tuple[Response, int]:
    """Ready: every part by name, `ok` or what is wrong; 503 unless all are ok, or others do their work."""
    parts = readiness.states(current_app.extensions["frontline"])
    ready = all(state == readiness.OK or part in readiness.REPLACED for part, state in parts.items())
    return jsonify(status="ready" if ready else "not ready", checks=parts), 200 if ready else 503


@blueprint.get("/metrics")
@machine
def metrics() -> Response:
    """Prometheus: counters of all processes, and gauges read from the database now, if it answers."""
    registry = CollectorRegistry()
    try:
        _read(current_app.extensions["frontline"], registry)
    except SQLAlchemyError as error:  # what is counted meanwhile is just what has to be seen
        log.warning("metrics.no_gauges", error=fault(error))
        registry = CollectorRegistry()
    return Response(generate_latest(figures.counters()) + generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _read(services: Services, registry: CollectorRegistry) -> None:
    with deadlines.within(HANGS), db.reading(services.sessions) as session:
        _gauges(session, registry)


def _gauges(session: Session, registry: CollectorRegistry) -> None:
    events = Gauge("frontline_events", "Events in the inbox that are not done", ["state"], registry=registry)
    not_done = select(Event.state, func.count()).where(Event.state.in_(NOT_DONE)).group_by(Event.state)
    for state, count in session.execute(not_done):
        events.labels(state).set(count)
    messages = Gauge("frontline_outbox", "Messages in the outbox that are not sent", ["state"], registry=registry)
    unsent = select(OutboxRow.state, func.count()).where(OutboxRow.state.in_(NOT_SENT)).group_by(OutboxRow.state)
    for state, count in session.execute(unsent):
        messages.labels(state).set(count)
    _push_quota(session, registry)
    Gauge("frontline_oldest_event_seconds", "Age of the oldest due event", registry=registry).set(
        inbox.oldest_waiting(session).total_seconds()
    )


def _push_quota(session: Session, registry: CollectorRegistry) -> None:
    """Per account, as the platform told it last; no limit, no figure."""
    limits = Gauge("frontline_push_quota_limit", "Pushes that may be sent this month", ["account"], registry=registry)
    used = Gauge("frontline_push_quota_used", "Pushes of this month", ["account"], registry=registry)
    for account in session.scalars(select(Account).where(Account.quota_at.is_not(None))):
        used.labels(account.id).set(account.quota_used or 0)
        if account.quota_limit is not None:
            limits.labels(account.id).set(account.quota_limit)
