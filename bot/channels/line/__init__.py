"""LINE. Facts behind every rule here: the Messaging API reference, and measurements of line-bot-sdk 3.27."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any

from bot.channels.line import events
from bot.channels.values import text_of
from bot.messages import Inbound
from bot.ports import Batches, Checkup, Parcel, Profile, Quota, Recipient

if TYPE_CHECKING:
    import urllib3
    from linebot.v3.messaging import MessagingApi


@dataclass(frozen=True)
class Line:
    """A LINE official account: two secrets while one is being rotated, an access token, the API's address.

    Files lie at `data_base`, where that is another address.

    The SDK takes two seconds to import, so only a process that speaks imports it, when it first speaks.
    """

    secrets: tuple[str, ...] = field(repr=False)
    access_token: str = field(repr=False)
    api_base: str
    name: str = "line"
    pack: int = 5
    data_base: str = ""
    repeatable: bool = True

    def verify(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """HMAC-SHA256 over the raw bytes, in constant time, for each secret in force. Header names are lower case."""
        given = headers.get("x-line-signature", "").encode("utf-8", "replace")
        return any([hmac.compare_digest(_signature(secret, body), given) for secret in self.secrets])

    def split(self, body: Any) -> Batches:
        return events.split(body)

    def event_id(self, raw: dict[str, Any]) -> str | None:
        return text_of(raw.get("webhookEventId")) or None

    def normalise(self, raw: dict[str, Any]) -> Inbound:
        return events.normalise(raw)

    def send(self, parcel: Parcel) -> list[str]:
        from bot.channels.line import speaking

        return speaking.send(self._api, parcel)

    def show_loading(self, recipient: Recipient, seconds: int) -> None:
        from bot.channels.line import speaking

        if recipient.kind == "user":
            speaking.show_loading(self._api, recipient.id, seconds)

    def profile(self, recipient: Recipient) -> Profile | None:
        from bot.channels.line import speaking

        return speaking.profile(self._api, recipient.id) if recipient.kind == "user" else Profile()

    def quota(self, account: str) -> Quota | None:
        from bot.channels.line import speaking

        return speaking.quota(self._api)

    def trouble(self) -> str | None:
        return "" if self.access_token else None

    def identify(self, token: str, secret: str) -> Checkup:
        from bot.channels.line import checking, speaking

        return checking.identify(speaking.connect(self.api_base, token) if token else self._api)

    def answers(self, account: str) -> bool:
        from bot.channels.line import checking

        return checking.answers(self._api)

    def check_up(self, account: str) -> Checkup:
        from bot.channels.line import checking

        return checking.check_up(self._api)

    def content(self, account: str, file: str, into: IO[bytes], limit: int) -> bool:
        from bot.channels.line import content

        return content.fetch(self._http, self.data_base or self.api_base, self.access_token, file, into, limit)

    @cached_property
    def _http(self) -> "urllib3.PoolManager":
        from bot.channels.line import content

        return content.connect()

    @cached_property
    def _api(self) -> "MessagingApi":
        from bot.channels.line import speaking

        return speaking.connect(self.api_base, self.access_token)


def _signature(secret: str, body: bytes) -> bytes:
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256))
