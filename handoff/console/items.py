"""The things that a thread is drawn of: days, bubbles in bursts, notes, whispers, and what happened in between."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.models import JournalEntry, Message
from handoff.console.delivery import Delivery
from handoff.models import Ticket, Whisper

BURST = timedelta(minutes=2)


@dataclass(frozen=True)
class Day:
    """A separator where the date changes."""

    kind = "day"
    date: date


@dataclass(frozen=True)
class Mark:
    """Something that happened between the messages; `name` says by whom, `to` whom it concerns."""

    kind = "mark"
    entry: JournalEntry
    ticket: Ticket | None
    name: str
    to: str


@dataclass(frozen=True)
class Note:
    """What colleagues wrote for each other."""

    kind = "note"
    message: Message


@dataclass(frozen=True)
class Whispered:
    """What a senior said to whoever has the case."""

    kind = "whisper"
    whisper: Whisper


@dataclass
class Burst:
    """Messages of one author that came together and share a line of author, time and delivery."""

    kind = "burst"
    messages: list[Message] = field(default_factory=list)
    delivery: Delivery | None = None

    @property
    def last(self) -> Message:
        return self.messages[-1]

    @property
    def author(self) -> str:
        return self.last.author

    @property
    def past_us(self) -> bool:
        """Whether it was said in our name by somebody else, as the platform tells."""
        return bool(self.last.payload.get("past_us"))

    @property
    def row_ids(self) -> list[int]:
        """What a decision about this burst is about."""
        return [message.outbox.id for message in self.messages if message.outbox]

    def takes(self, message: Message, fate: Delivery | None) -> bool:
        same = _writer(self.last) == _writer(message)
        together = message.created_at - self.last.created_at <= BURST
        return same and together and self.delivery == fate


def _writer(message: Message) -> tuple[str, int | None, int, bool]:
    return message.author, message.user_id, message.conversation_id, bool(message.payload.get("past_us"))


Aside = Mark | Whispered
Item = Day | Mark | Whispered | Note | Burst


@dataclass(frozen=True)
class Thread:
    """What is drawn of a conversation, oldest first. `first`: its first message; `earlier`: there are others before.

    `quoted`: the messages that these answer, by the platform's name.
    """

    items: Sequence[Item]
    first: int
    earlier: bool
    quoted: Mapping[str, Message] = field(default_factory=dict)

    @property
    def seen(self) -> int:
        """The newest message on the screen: what a reply was written in view of."""
        ids = [m.id for item in self.items if isinstance(item, Burst) for m in item.messages]
        return max(ids, default=0)


def moment(item: Aside | Message) -> datetime:
    """When something took its place in the thread. A case's opening was decided before its holding message."""
    if isinstance(item, Message):
        return item.created_at
    if isinstance(item, Whispered):
        return item.whisper.created_at
    opened = item.entry.kind == "ticket.opened" and item.ticket
    return opened.opened_at if opened else item.entry.at
