"""Webhook events as LINE shapes them, and the identifiers that LINE gives."""

import base64
import hashlib
import hmac
import json
import secrets
import time
import uuid
from typing import Any

from bot.clock import now
from bot.settings import DEMO_DESTINATION

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ulid() -> str:
    """A webhookEventId: 48 bits of milliseconds, 80 random bits, in Crockford's base 32."""
    number = int(time.time() * 1000) << 80 | secrets.randbits(80)
    return "".join(CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def message_id() -> str:
    """A message id: a long decimal number that grows with time."""
    return f"{int(time.time() * 1000)}{secrets.randbelow(10**5):05d}"


def request_id() -> str:
    return str(uuid.uuid4())


def token() -> str:
    """A reply, quote or mark-as-read token: opaque and unguessable."""
    return secrets.token_hex(16)


def event(kind: str, user_id: str, *, reply_token: str | None = None, **properties: Any) -> dict[str, Any]:
    """One event of a one-on-one chat; `properties` are the ones of its kind."""
    common: dict[str, Any] = {
        "type": kind,
        **properties,
        "webhookEventId": ulid(),
        "deliveryContext": {"isRedelivery": False},
        "timestamp": int(now().timestamp() * 1000),
        "source": {"type": "user", "userId": user_id},
        "mode": "active",
    }
    return common | ({"replyToken": reply_token} if reply_token else {})


def body(event: dict[str, Any], *, redelivery: bool) -> bytes:
    """The webhook's raw body for one event."""
    current = event | {"deliveryContext": {"isRedelivery": redelivery}}
    envelope = {"destination": DEMO_DESTINATION, "events": [current]}
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()


def signature(secret: str, raw: bytes) -> str:
    """x-line-signature of a raw body."""
    return base64.b64encode(hmac.digest(secret.encode(), raw, hashlib.sha256)).decode()
