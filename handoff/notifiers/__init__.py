"""The media by which staff are told outside the console, one module each; they do not know each other.

A medium makes one call and returns, or raises one of the `SendError`s: `TemporarySendError` (surely not told),
`UnknownOutcome` (perhaps told), `PermanentSendError` (never by this way). When to try again is not its business.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.errors import PermanentSendError

CALL_SECONDS = 20.0  # no call takes longer: after that a killed sender's delivery is taken over


@dataclass(frozen=True)
class Letter:
    """What somebody is told. `key` names this delivery for the medium; `topic` is what a later one replaces.

    `data` says the same for programs.
    """

    key: str
    title: str
    body: str
    url: str
    topic: str
    urgent: bool
    data: Mapping[str, Any] = field(default_factory=dict)


class AddressGone(PermanentSendError):
    """Nobody is behind this address any more; it need not be tried again for anything."""


class Notifier(Protocol):
    """One medium."""

    def send(self, letter: Letter, address: str) -> int | None:
        """What it was answered, where the medium tells."""
        ...
