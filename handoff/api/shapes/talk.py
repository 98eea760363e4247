"""Conversations, messages and the people who write them; and what is said from our side."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from bot.api import Page, PageQuery
from bot.models import Contact, Conversation, JournalEntry, Message
from handoff.api.shapes.base import MOST, Named, OneOf, Plain, Strict, Words, example, like
from handoff.tickets.calls import DIRECTIONS
from handoff.tickets.journeys import Stop

UNSURE = ("failed", "unknown")


class Said(BaseModel):
    """A message as people see it; `kind` note never leaves the house."""

    model_config = like(
        id=812,
        conversation_id=7,
        author="agent",
        kind="text",
        text="您好",
        at="2026-11-22T04:05:00Z",
        delivery="queued",
    )

    id: int
    conversation_id: int
    author: str
    kind: str
    text: str
    at: datetime
    delivery: str | None = Field(description="what became of a message of ours; null of a customer's")

    @classmethod
    def of(cls, message: Message) -> "Said":
        return cls(
            id=message.id,
            conversation_id=message.conversation_id,
            author=message.author,
            kind=message.kind,
            text=message.text,
            at=message.created_at,
            delivery=message.outbox.state if message.outbox else None,
        )


class Messages(Page[Said]):
    """Messages, newest first."""


class UndeliveredQuery(PageQuery):
    """Which messages that wait for a decision."""

    delivery: Annotated[str, OneOf(("", *UNSURE))] = ""


class Entry(BaseModel):
    """Something that happened to a case, as the journal tells it: ids and judgements, nobody's words."""

    model_config = like(
        id=1201,
        kind="ticket.assigned",
        at="2026-11-22T04:01:00Z",
        by="lin",
        message_id=None,
        data={"to_user": 4, "why": "要查倉庫"},
    )

    id: int
    kind: str
    at: datetime
    by: str | None = Field(description="user name; null where the house itself did it")
    message_id: int | None
    data: dict[str, Any]

    @classmethod
    def of(cls, entry: JournalEntry, by: str | None) -> "Entry":
        return cls(id=entry.id, kind=entry.kind, at=entry.at, by=by, message_id=entry.message_id, data=entry.data)


class History(Page[Entry]):
    """What happened to a case, newest first."""


class Thread(BaseModel):
    """The one thread with a person or group on an account."""

    model_config = like(
        id=7, channel="line", source="user", owner="human", contact_id=5, last_customer_at="2026-11-22T04:00:00Z"
    )

    id: int
    channel: str
    source: str = Field(description="user, group or room")
    owner: str = Field(description="bot or human")
    contact_id: int | None
    last_customer_at: datetime | None

    @classmethod
    def of(cls, conversation: Conversation) -> "Thread":
        return cls(
            id=conversation.id,
            channel=conversation.account.channel,
            source=conversation.source_kind,
            owner=conversation.owner,
            contact_id=conversation.contact_id,
            last_customer_at=conversation.last_customer_at,
        )


class Threads(Page[Thread]):
    """Conversations, newest first."""


class ThreadQuery(PageQuery):
    """Which conversations."""

    owner: Plain = Field("", description="bot or human")
    contact_id: int | None = Field(None, ge=1, le=MOST)


class Person(BaseModel):
    """Somebody who writes to us."""

    model_config = like(id=5, name="陳怡君", language="zh-TW", tier="", created_at="2026-11-01T02:00:00Z")

    id: int
    name: str
    language: str
    tier: str
    created_at: datetime

    @classmethod
    def of(cls, contact: Contact) -> "Person":
        return cls(**{name: getattr(contact, name) for name in cls.model_fields})


class People(Page[Person]):
    """Contacts, newest first."""


class Station(BaseModel):
    """A station of a message's way, and when it passed it; null: not yet, or it never had to."""

    model_config = like(station="assigned", at="2026-11-22T04:01:00Z", who="王志豪")

    station: str
    at: datetime | None
    who: str

    @classmethod
    def of(cls, stop: Stop) -> "Station":
        return cls(station=stop.station, at=stop.at, who=stop.who)


class Journey(BaseModel):
    """The way of a customer's message through the house, in order."""

    model_config = like(stations=[example(Station)])

    stations: list[Station]


class Reply(Strict):
    """Words to the customer. `seen_message_id`: the newest message that whoever wrote them had read."""

    model_config = like(text="您好，我來幫您看。", seen_message_id=812)

    text: Words
    seen_message_id: int = Field(ge=0, le=MOST)


class Note(Strict):
    """Words to colleagues."""

    model_config = like(text="已查到訂單")

    text: Words


class Call(Strict):
    """What was said on the phone; `in`: the customer called us."""

    model_config = like(direction="out", text="回電說明退款時間，顧客同意")

    direction: Annotated[str, OneOf(DIRECTIONS)]
    text: Words


class FirstCall(Strict):
    """Somebody called whose case was not found."""

    model_config = like(phone="0912345678", name="陳怡君", text="問退款進度")

    phone: Named
    name: Plain = ""
    text: Words
