"""The media that this shop has set up, and what a delivery's address means to each."""

import json
from email.utils import parseaddr

from sqlalchemy.orm import Session

from bot.clock import now
from bot.services import Services
from handoff.models import Delivery, PushSubscription, WebhookEndpoint
from handoff.notifiers import Notifier
from handoff.notifiers.chat import Chat, address_of
from handoff.notifiers.email import Email
from handoff.notifiers.line_group import LineGroup
from handoff.notifiers.webhook import Webhooks
from handoff.notifiers.webpush import WebPush
from handoff.notify.rules import PUSH
from handoff.notify.telling import WEBHOOK

SUBSCRIBED = (PUSH, WEBHOOK)


def notifier(current: Services, medium: str) -> Notifier:
    """What makes the calls of one medium."""
    settings = current.settings
    match medium:
        case "webpush":
            return push(current)
        case "email":
            return Email(settings.smtp_url, settings.mail_from)
        case "chat":
            return Chat({address_of(url): url for url in settings.chat_urls.split()}, settings.reachable_inside)
        case "line_group":
            return LineGroup(current.wiring.channels["line"])
        case "webhook":
            return Webhooks(settings.reachable_inside)
    raise ValueError(f"no medium is called {medium}")


def push(current: Services) -> WebPush:
    """Web Push needs no setting: its keys are made where they are missing."""
    settings = current.settings
    return WebPush(settings.data, f"mailto:{parseaddr(settings.mail_from)[1]}", settings.reachable_inside)


def destination(session: Session, delivery: Delivery) -> str | None:
    """The address as the medium takes it; None where it is gone by now."""
    if delivery.medium not in SUBSCRIBED:
        return delivery.address
    found = _subscribed(session, delivery)
    return _written(found) if found and not found.gone_at else None


def lose(session: Session, delivery: Delivery) -> None:
    """Nobody is behind a delivery's address any more."""
    found = _subscribed(session, delivery) if delivery.medium in SUBSCRIBED else None
    if found is not None:
        found.gone_at = now()


def _subscribed(session: Session, delivery: Delivery) -> PushSubscription | WebhookEndpoint | None:
    if delivery.medium == PUSH:
        return session.get(PushSubscription, int(delivery.address))
    return session.get(WebhookEndpoint, int(delivery.address))


def _written(found: PushSubscription | WebhookEndpoint) -> str:
    if isinstance(found, WebhookEndpoint):
        return json.dumps({"url": found.url, "secrets": found.secrets(now())})
    return json.dumps({"endpoint": found.endpoint, "keys": {"p256dh": found.p256dh, "auth": found.auth}})
