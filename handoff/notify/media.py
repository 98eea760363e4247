"""The media that this shop has set up, and what a delivery's address means to each."""

import json
from email.utils import parseaddr

from sqlalchemy.orm import Session

from bot.services import Services
from handoff.models import Delivery, PushSubscription
from handoff.notifiers import Notifier
from handoff.notifiers.chat import Chat, address_of
from handoff.notifiers.email import Email
from handoff.notifiers.line_group import LineGroup
from handoff.notifiers.webpush import WebPush
from handoff.notify.rules import MAIL, PUSH
from handoff.notify.telling import LINE_GROUP, ROOM

MEDIA = (PUSH, MAIL, ROOM, LINE_GROUP)


def notifier(current: Services, medium: str) -> Notifier:
    """What makes the calls of one medium."""
    settings = current.settings
    match medium:
        case "webpush":
            return push(current)
        case "email":
            return Email(settings.smtp_url, settings.mail_from)
        case "chat":
            return Chat({address_of(url): url for url in settings.chat_urls.split()})
        case "line_group":
            return LineGroup(current.wiring.channels["line"])
    raise ValueError(f"no medium is called {medium}")


def push(current: Services) -> WebPush:
    """Web Push needs no setting: its keys are made where they are missing."""
    return WebPush(current.settings.data, f"mailto:{parseaddr(current.settings.mail_from)[1]}")


def destination(session: Session, delivery: Delivery) -> str | None:
    """The address as the medium takes it; None where it is gone by now."""
    if delivery.medium != PUSH:
        return delivery.address
    browser = session.get(PushSubscription, int(delivery.address))
    if browser is None or browser.gone_at:
        return None
    return json.dumps({"endpoint": browser.endpoint, "keys": {"p256dh": browser.p256dh, "auth": browser.auth}})
