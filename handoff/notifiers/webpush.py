"""Notices in browsers by Web Push. Our key pair (VAPID) is made once and lies in the data folder.

A push service keeps one undelivered push a topic, and the page shows one notification a tag: a repeat, or the next
news of the same case, takes the place of the one before.
"""

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests

from bot.errors import PermanentSendError, SendError, TemporarySendError, UnknownOutcome
from bot.outgoing import Network, Outgoing
from handoff.notifiers import AddressGone, Letter

if TYPE_CHECKING:
    from py_vapid import Vapid02

KEY_FILE = "vapid.pem"
TIMEOUT = 6.0
KEPT = 4 * 3600  # seconds that a push service keeps it for a browser that is closed
GONE = (404, 410)
NOT_NOW = (408, 425, 429)
SERVICES = (  # of Chrome and its kin, Firefox, Safari, Edge; a host below one of them is one of them
    "fcm.googleapis.com",
    "jmt17.google.com",
    "push.services.mozilla.com",
    "push.apple.com",
    "notify.windows.com",
)


@dataclass(frozen=True)
class WebPush:
    """Pushes signed with the key in `data`. An address is a subscription as JSON: endpoint and keys."""

    data: Path
    contact: str
    inside: Sequence[Network]

    def send(self, letter: Letter, address: str) -> None:
        from pywebpush import WebPushException, webpush

        subscription = json.loads(address)
        content = {"title": letter.title, "body": letter.body, "url": letter.url, "tag": letter.topic}
        try:
            with Outgoing(self.inside) as calls:
                webpush(
                    subscription,
                    json.dumps(content, ensure_ascii=False),
                    vapid_private_key=self._key,
                    vapid_claims={"sub": self.contact},
                    ttl=KEPT,
                    timeout=TIMEOUT,
                    requests_session=calls,
                    headers={"Topic": _topic(letter), "Urgency": "high" if letter.urgent else "normal"},
                )
        except WebPushException as refused:
            raise _refusal(refused.response) from refused
        except requests.ConnectTimeout as error:
            raise TemporarySendError("the push service was not reached") from error
        except requests.RequestException as error:
            raise UnknownOutcome(f"the push service went away ({type(error).__name__})") from error

    @property
    def public_key(self) -> str:
        """Our public key as browsers want it: base64url, uncompressed point."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
        from py_vapid import b64urlencode

        point = self._key.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return str(b64urlencode(point))

    @cached_property
    def _key(self) -> "Vapid02":
        from py_vapid import Vapid02

        path = self.data / KEY_FILE
        if not path.exists():
            _make_key(path)
        return Vapid02.from_pem(path.read_bytes())


def _make_key(path: Path) -> None:
    """Written whole under another name first: of two processes that make one, the first one's stands."""
    from py_vapid import Vapid02

    made = Vapid02()
    made.generate_keys()
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with open(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "wb") as file:
        file.write(made.private_pem())
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _topic(letter: Letter) -> str:
    """At most 32 letters of base64url, says the standard; case numbers fit."""
    return "".join(char for char in letter.topic if char.isalnum() or char in "-_")[:32]


def _refusal(response: requests.Response | None) -> SendError:
    status = response.status_code if response is not None else 0
    asked = response.headers.get("Retry-After", "") if response is not None else ""
    if status in GONE:
        return AddressGone("the browser is not subscribed any more", status=status)
    if status >= 500 or status in NOT_NOW or not status:
        return TemporarySendError(
            f"the push service said {status}", status=status, retry_after=float(asked) if asked.isdecimal() else None
        )
    return PermanentSendError(f"the push service said {status}", status=status)


def is_push_service(endpoint: str, more: Sequence[str]) -> bool:
    """Whether an address is a known push service's: whoever subscribes a browser names it, and we call it."""
    try:
        parts = urlsplit(endpoint)
        host, plain = parts.hostname or "", parts.port in (None, 443) and parts.username is None
    except ValueError:
        return False
    known = any(host == service or host.endswith(f".{service}") for service in (*SERVICES, *more))
    return parts.scheme == "https" and plain and known
