"""Programs elsewhere that are told what happens: begun, ended, and told again what did not arrive."""

import base64
import secrets

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bot import journal, people, services
from bot.clock import now
from bot.errors import Refused
from handoff.models import Delivery, WebhookEndpoint
from handoff.notify.telling import WEBHOOK


def begin(session: Session, url: str, kinds: list[str], *, by: int | None = None) -> WebhookEndpoint:
    """Tell `url` of these kinds, or of all. One that is known begins anew, with a new secret."""
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    people.insert_missing(session, WebhookEndpoint, {"url": url, "secret": secret, "kinds": kinds, "created_at": now()})
    endpoint = session.scalars(select(WebhookEndpoint).where(WebhookEndpoint.url == url).with_for_update()).one()
    endpoint.secret, endpoint.kinds, endpoint.gone_at = secret, kinds, None
    journal.write(session, "hook.created", user_id=by, endpoint_id=endpoint.id, kinds=kinds)
    return endpoint


def end(session: Session, endpoint: WebhookEndpoint, *, by: int | None = None) -> None:
    """It is told nothing any more."""
    if endpoint.gone_at is None:
        endpoint.gone_at = now()
        journal.write(session, "hook.removed", user_id=by, endpoint_id=endpoint.id)


def deliveries(endpoint: WebhookEndpoint) -> Select[Delivery]:
    """What it was told, and what became of it."""
    return select(Delivery).where(Delivery.medium == WEBHOOK, Delivery.address == str(endpoint.id))


def resend(session: Session, endpoint: WebhookEndpoint, delivery_id: int, *, by: int) -> Delivery | None:
    """Tell it once more, now, under the id that it knows; None where it was never told this."""
    wanted = deliveries(endpoint).where(Delivery.id == delivery_id)
    delivery = session.scalars(wanted.with_for_update()).one_or_none()
    if delivery is None:
        return None
    if endpoint.gone_at is not None:
        raise Refused("這個程式已經不再接收通知。")
    if delivery.state == "sending":
        raise Refused("這則通知正在送。")
    delivery.state, delivery.attempts, delivery.error = "queued", 0, ""
    delivery.due_at = delivery.first_due_at = now()  # it has half a day again
    journal.write(session, "hook.resent", user_id=by, endpoint_id=endpoint.id, delivery_id=delivery.id)
    services.current().broker.wake_after_commit(session)
    return delivery
