"""Short messages, by a program of the shop's that sends them: one signed call a message (Standard Webhooks)."""

import json

import requests
from standardwebhooks import Webhook

from bot.clock import now
from bot.errors import PermanentSendError, TemporarySendError, UnknownOutcome
from bot.outgoing import Outgoing
from bot.settings import Settings

TIMEOUT = (2.0, 6.0)


def send(settings: Settings, phone: str, text: str, key: str) -> None:
    """Have it sent. The key is the same over all tries of one message, so that the program knows a repeat."""
    at, body = now(), json.dumps({"to": phone, "text": text}, ensure_ascii=False)
    headers = {
        "Content-Type": "application/json",
        "webhook-id": key,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(settings.sms_secret).sign(key, at, body),
    }
    try:
        with Outgoing(settings.reachable_inside) as calls:
            response = calls.post(settings.sms_url, body.encode(), headers=headers, timeout=TIMEOUT)
    except requests.ConnectionError as error:
        raise TemporarySendError("the SMS program was not reached") from error
    except requests.RequestException as error:
        raise UnknownOutcome(f"the SMS program went away ({type(error).__name__})") from error
    if response.status_code >= 500 or response.status_code == 429:
        raise TemporarySendError(f"the SMS program said {response.status_code}", status=response.status_code)
    if not response.ok or response.is_redirect:
        raise PermanentSendError(f"the SMS program said {response.status_code}", status=response.status_code)
