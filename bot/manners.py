"""What a platform asks of whoever speaks there: how long a text may be, how long after the customer's last message, and
what a bot owes. One row a channel.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import now
from bot.messages import LINE_TEXT_UNITS, split_text, utf8_bytes, utf16_units


@dataclass(frozen=True)
class Window:
    """How long after the customer's last message one may write: any of us, and what a person wrote himself."""

    anybody: timedelta
    person: timedelta


@dataclass(frozen=True)
class Manners:
    """`longest` a text, as measured. `discloses`: the bot says that it is one, at the start and after a person.

    `offers_person`: there is a way to a person under whatever the bot says. `echoes`: the platform shows us again what
    went out in our name. `draws_cards`: whatever card an editor may write, but for addresses that nobody can open.
    """

    longest: int = LINE_TEXT_UNITS
    measure: Callable[[str], int] = utf16_units
    window: Window | None = None
    discloses: bool = False
    offers_person: bool = False
    echoes: bool = False
    draws_cards: bool = False

    def parts(self, text: str) -> list[str]:
        """The text in pieces that the platform takes."""
        return split_text(text, self.longest, self.measure)

    def fits(self, text: str) -> bool:
        return self.measure(text) <= self.longest

    def closes_at(self, speaker: str, heard_at: datetime) -> datetime | None:
        """Until when this speaker may write to somebody heard of then; None: always."""
        if self.window is None:
            return None
        return heard_at + (self.window.person if speaker == "agent" else self.window.anybody)

    def late(self, speaker: str, heard_at: datetime | None) -> bool:
        """Whether this speaker may not write: the customer never wrote, or has been silent for too long."""
        if self.window is None:
            return False
        closes = self.closes_at(speaker, heard_at) if heard_at else None
        return closes is None or now() >= closes


META = Window(anybody=timedelta(hours=24), person=timedelta(days=7))
ANYWHERE = Manners()
MANNERS = {
    "line": Manners(draws_cards=True),
    "messenger": Manners(longest=1999, window=META, discloses=True, echoes=True),
    "instagram": Manners(1000, utf8_bytes, META, discloses=True, offers_person=True, echoes=True),
}


def of(channel: str) -> Manners:
    """Those of a channel."""
    return MANNERS.get(channel, ANYWHERE)
