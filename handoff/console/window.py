"""Until when one may write to a customer: on Meta's platforms a day after his last message, and a person a week."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import manners
from bot.models import Conversation

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Window:
    """`kind`: open, person (only what a person writes goes out), or shut. `until`: when that changes, or changed."""

    kind: str
    until: datetime
    minutes: int


def of(conversation: Conversation | None, at: datetime) -> Window | None:
    """That of the conversation in which one would write; None where there is no end to it."""
    if conversation is None or manners.of(conversation.account.channel).window is None:
        return None
    own, heard = manners.of(conversation.account.channel), conversation.last_customer_at or conversation.created_at
    anybody, person = own.closes_at("bot", heard), own.closes_at("agent", heard)
    if anybody is None or person is None:
        return None
    kind = "shut" if own.late("agent", conversation.last_customer_at) else "open" if at < anybody else "person"
    until = anybody if kind == "open" else person
    return Window(kind, until, max(0, (until - at) // MINUTE))
