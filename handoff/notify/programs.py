"""Programs elsewhere that are told what happens: begun, changed, paused, ended, and told again what did not arrive."""

import base64
import re
import secrets
import uuid
from datetime import timedelta
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from bot import journal, people, services
from bot.clock import now
from bot.errors import Refused
from bot.outgoing import may_reach
from handoff.models import Delivery, Notice, WebhookEndpoint
from handoff.notify.rules import SILENT
from handoff.notify.telling import PROGRAMS, WEBHOOK

OVERLAP = timedelta(days=1)
TEST = "test"
URL = re.compile(r"https?://[!-~]{1,990}")
LOOPBACK = {"localhost": "127.0.0.1"}


def begin(session: Session, url: str, kinds: list[str], *, by: int | None = None) -> WebhookEndpoint:
    """Tell `url` of these kinds, or of all. One that is known begins anew, with a new secret."""
    _check(url)
    secret = _secret()
    people.insert_missing(session, WebhookEndpoint, {"url": url, "secret": secret, "kinds": kinds, "created_at": now()})
    endpoint = session.scalars(select(WebhookEndpoint).where(WebhookEndpoint.url == url).with_for_update()).one()
    endpoint.secret, endpoint.kinds, endpoint.gone_at, endpoint.paused_at = secret, kinds, None, None
    endpoint.old_secret, endpoint.old_until = "", None
    told = {"address": _host(url), "kinds": kinds}
    journal.changed(session, "hook.created", {}, told, by=by, endpoint_id=endpoint.id)
    return endpoint


def add(session: Session, url: str, kinds: list[str], *, by: int) -> WebhookEndpoint:
    """One that nobody knows yet, or that was told nothing any more."""
    _require_free(session, url, WebhookEndpoint.gone_at.is_(None))
    return begin(session, url, kinds, by=by)


def change(session: Session, endpoint: WebhookEndpoint, url: str, kinds: list[str], *, by: int) -> None:
    """Tell it elsewhere, or of other things, from now on."""
    _check(url)
    _require_free(session, url, WebhookEndpoint.id != endpoint.id)
    before, moved = endpoint.kinds, endpoint.url != url
    endpoint.url, endpoint.kinds = url, kinds
    sides = {"kinds": before, "moved": False}, {"kinds": kinds, "moved": moved}
    journal.changed(session, "hook.changed", *sides, by=by, endpoint_id=endpoint.id)


def rotate(session: Session, endpoint: WebhookEndpoint, *, by: int) -> str:
    """A new secret, which is returned this once; for a day the old one signs as well, so that nothing is refused."""
    endpoint.old_secret, endpoint.old_until = endpoint.secret, now() + OVERLAP
    endpoint.secret = _secret()
    journal.write(session, "hook.rotated", user_id=by, endpoint_id=endpoint.id)
    return endpoint.secret


def pause(session: Session, endpoint: WebhookEndpoint, *, paused: bool, by: int) -> None:
    """What it would be told waits, until it goes on."""
    if bool(endpoint.paused_at) == paused:
        return
    endpoint.paused_at = now() if paused else None
    journal.write(session, "hook.paused" if paused else "hook.resumed", user_id=by, endpoint_id=endpoint.id)
    services.current().broker.wake_after_commit(session)


def ping(session: Session, endpoint: WebhookEndpoint, *, by: int) -> None:
    """Tell it nothing but that this is a test, on the way that everything takes."""
    _require_listening(endpoint)
    notice = Notice(key=f"{TEST}:{uuid.uuid4()}:{PROGRAMS}", kind=TEST, level="", loudness=SILENT.loudness, facts={})
    notice.deliveries = [Delivery(medium=WEBHOOK, address=str(endpoint.id))]
    session.add(notice)
    journal.write(session, "hook.tested", user_id=by, endpoint_id=endpoint.id)
    services.current().broker.wake_after_commit(session)


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
    _require_listening(endpoint)
    if delivery.state == "sending":
        raise Refused("這則通知正在送。")
    delivery.state, delivery.attempts, delivery.error, delivery.code = "queued", 0, "", None
    delivery.due_at = delivery.first_due_at = now()  # it has half a day again
    journal.write(session, "hook.resent", user_id=by, endpoint_id=endpoint.id, delivery_id=delivery.id)
    services.current().broker.wake_after_commit(session)
    return delivery


def _require_listening(endpoint: WebhookEndpoint) -> None:
    if endpoint.gone_at is not None:
        raise Refused("這個程式已經不再接收通知。")


def _require_free(session: Session, url: str, other: ColumnElement[bool]) -> None:
    if session.scalar(select(WebhookEndpoint.id).where(WebhookEndpoint.url == url, other)) is not None:
        raise Refused("這個網址已經在清單裡。").at("url")


def _check(url: str) -> None:
    """What can be seen of an address before it is called: a name is looked at when the connection stands."""
    if not URL.fullmatch(url) or (host := _host(url)) is None:
        raise Refused("網址要像 https://crm.example/hook。").at("url")
    if _is_inside(host):
        raise Refused("這個網址通往自己的內部網路；要允許，請管理員在 OWN_NETWORKS 加上它。").at("url")


def _host(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        return parts.hostname if parts.port != 0 else None
    except ValueError:
        return None


def _is_inside(host: str) -> bool:
    """Whether an address that is written as numbers is one that may not be called."""
    try:
        return not may_reach(LOOPBACK.get(host, host), services.current().settings.reachable_inside)
    except ValueError:
        return False  # a name


def _secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
