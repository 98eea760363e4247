"""Builds what LINE sends: events in its shapes, signed as it signs."""

import base64
import hashlib
import hmac
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from click.testing import Result
from flask.testing import FlaskClient

from bot import clock

SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"
DESTINATION = "U8e742f61d673b39c7fff3cecb7536ef0"
Frontline = Callable[..., Result]  # the command, called with its words
_serial = itertools.count(1)


def millis() -> int:
    return int(clock.now().timestamp() * 1000)


def event(user: str, **fields: Any) -> dict[str, Any]:
    """A LINE event of a person; `fields` are laid over it."""
    number = next(_serial)
    return {
        "type": "message",
        "mode": "active",
        "timestamp": millis(),
        "source": {"type": "user", "userId": user},
        "webhookEventId": f"01HFRONT{number:018d}",
        "deliveryContext": {"isRedelivery": False},
        "replyToken": f"{number:032x}",
    } | fields


def text_event(user: str, text: str, **fields: Any) -> dict[str, Any]:
    message = {"id": str(next(_serial)), "type": "text", "text": text, "quoteToken": "q"}
    return event(user, message=message, **fields)


def file_event(user: str, kind: str = "image", **fields: Any) -> dict[str, Any]:
    """A message that brings a file: image, video, audio or file."""
    message = {"id": str(next(_serial)), "type": kind, "contentProvider": {"type": "line"}, **fields}
    return event(user, message=message)


def signed(events: list[Any] | bytes, secret: str = SECRET) -> tuple[bytes, dict[str, str]]:
    """A webhook body and its headers."""
    body = (
        events
        if isinstance(events, bytes)
        else json.dumps({"destination": DESTINATION, "events": events}, ensure_ascii=False).encode(
            "utf-8", "surrogatepass"
        )
    )
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return body, {"X-Line-Signature": base64.b64encode(digest).decode(), "Content-Type": "application/json"}


@dataclass
class Customer:
    """A customer on LINE, as the platform sees one: whatever they do becomes a signed webhook call."""

    client: FlaskClient
    id: str

    def post(self, *events: Any) -> int:
        body, headers = signed(list(events))
        return self.client.post("/webhooks/line", data=body, headers=headers).status_code

    def writes(self, *texts: str, **fields: Any) -> list[dict[str, Any]]:
        """One webhook call with a message for each text."""
        events = [text_event(self.id, text, **fields) for text in texts]
        assert self.post(*events) == 200
        return events

    def does(self, kind: str, **fields: Any) -> dict[str, Any]:
        made = event(self.id, type=kind, **fields)
        assert self.post(made) == 200
        return made
