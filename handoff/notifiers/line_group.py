"""Notices in the staff's LINE group, by a push of our own account. LINE remembers the key for a day: never twice."""

from dataclasses import dataclass

from bot.messages import Outbound
from bot.ports import Channel, Parcel, Recipient, Spoken
from handoff.notifiers import Letter


@dataclass(frozen=True)
class LineGroup:
    """Speaks through the channel that customers are served on; its failures are the channel's."""

    channel: Channel

    def send(self, letter: Letter, address: str) -> None:
        words = Outbound(f"{letter.title}\n{letter.body}\n{letter.url}")
        self.channel.send(Parcel(Recipient("", "group", address), (Spoken(words, "system", ""),), letter.key))
