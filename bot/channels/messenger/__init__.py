"""Messenger and Instagram. Facts behind every rule here: Meta's pages on both, as gathered before this was built."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import IO, Any

from bot.channels.messenger import checking, content, events, meaning, speaking
from bot.channels.messenger.graph import Graph
from bot.messages import Inbound
from bot.ports import Batches, Checkup, Parcel, Profile, Quota, Recipient

MESSENGER, INSTAGRAM = "messenger", "instagram"
OBJECTS = {MESSENGER: "page", INSTAGRAM: "instagram"}
SIGNATURE = "x-hub-signature-256"


@dataclass(frozen=True)
class Messenger:
    """A Page, or with the other `name` an Instagram account: the app's secrets, the account's token, Graph's address.

    Meta knows no retry key: a message that may have arrived is never sent again by itself. Each carries its key as
    metadata instead, and the echo that brings it back proves that it went out.
    """

    name: str
    secrets: tuple[str, ...] = field(repr=False)
    access_token: str = field(repr=False)
    api_base: str
    app_id: str = ""
    pack: int = 1
    repeatable: bool = False

    def verify(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """HMAC-SHA256 over the raw bytes, in constant time, for each secret in force. Header names are lower case."""
        given = headers.get(SIGNATURE, "").encode("utf-8", "replace")
        return any([hmac.compare_digest(_signature(secret, body), given) for secret in self.secrets])

    def split(self, body: Any) -> Batches:
        return events.split(body, OBJECTS[self.name])

    def event_id(self, raw: dict[str, Any]) -> str | None:
        return events.event_id(raw)

    def normalise(self, raw: dict[str, Any]) -> Inbound:
        return meaning.normalise(raw, self.app_id)

    def send(self, parcel: Parcel) -> list[str]:
        return speaking.send(self._graph, self.name, parcel)

    def show_loading(self, recipient: Recipient, seconds: int) -> None:
        speaking.show_typing(self._graph, recipient.id)

    def profile(self, recipient: Recipient) -> Profile | None:
        return checking.profile(self._graph, recipient.id)

    def quota(self, account: str) -> Quota | None:
        return None

    def trouble(self) -> str | None:
        return "" if self.access_token else None

    def identify(self, token: str, secret: str) -> Checkup:
        return checking.identify(self._with(token, secret) if token else self._graph, self.name)

    def answers(self, account: str) -> bool:
        return checking.answers(self._graph)

    def check_up(self, account: str) -> Checkup:
        return checking.check_up(self._graph, self.name)

    def content(self, account: str, file: str, into: IO[bytes], limit: int) -> bool:
        return content.fetch(self._graph, file, into, limit)

    @cached_property
    def _graph(self) -> Graph:
        return self._with(self.access_token, self.secrets[0] if self.secrets else "")

    def _with(self, token: str, secret: str) -> Graph:
        return Graph(self.api_base.rstrip("/"), token, secret)


def _signature(secret: str, body: bytes) -> bytes:
    return b"sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()
