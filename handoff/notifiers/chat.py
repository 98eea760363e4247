"""Notices in a chat room of the staff, through Apprise: Slack, Teams, Discord, Mattermost and a hundred more.

No webhook takes a key, so a call that broke off is repeated: rather twice than never.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.errors import PermanentSendError, TemporarySendError
from bot.outgoing import Network, outside
from handoff.notifiers import Letter

TIMEOUT = 6.0


def address_of(url: str) -> str:
    """A room's name in our records: its URL is a secret."""
    return hashlib.sha256(url.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Chat:
    """The rooms of CHAT_URLS, by `address_of`. Of our own network only what `inside` names is called."""

    rooms: Mapping[str, str] = field(repr=False)
    inside: Sequence[Network]

    def send(self, letter: Letter, address: str) -> None:
        from apprise import Apprise, AppriseAsset, NotifyType

        if address not in self.rooms:
            raise PermanentSendError("the room is not in CHAT_URLS any more")
        apprise = Apprise(asset=AppriseAsset(http_redirects=False))
        if not apprise.add(self.rooms[address]):
            raise PermanentSendError("CHAT_URLS names a room that Apprise does not know")
        kind = NotifyType.WARNING if letter.urgent else NotifyType.INFO
        with outside(self.inside):
            taken = apprise.notify(f"{letter.body}\n{letter.url}", letter.title, kind, timeout=TIMEOUT)
        if not taken:
            raise TemporarySendError("the room did not take it")
