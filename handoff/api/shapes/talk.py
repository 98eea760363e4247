"""Conversations, messages and the people who write them; and what is said from our side."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field
from sqlalchemy.orm import joinedload

from bot.api import Page, PageQuery
from bot.models import Contact, Conversation, Message
from handoff.api.shapes.base import MOST, OneOf, Plain, Strict, like
from handoff.api.shapes.files import Enclosure

UNSURE = ("failed", "unknown")
SHOWN = (joinedload(Message.outbox), joinedload(Message.attachment))
"""What a message that is shown is read with."""


class Said(BaseModel):
    """A message as people see it; `kind` note never leaves the house, vote is a tap: whether an answer helped."""

    model_config = like(
        id=812,
        conversation_id=7,
        author="agent",
        kind="text",
        text="您好",
        at="2026-11-22T04:05:00Z",
        delivery="queued",
        attachment=None,
    )

    id: int
    conversation_id: int
    author: str
    kind: str
    text: str
    at: datetime
    delivery: str | None = Field(description="what became of a message of ours; null of a customer's")
    attachment: Enclosure | None = None

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
            attachment=Enclosure.of(message.attachment) if message.attachment else None,
        )


class Messages(Page[Said]):
    """Messages, newest first."""


class UndeliveredQuery(PageQuery):
    """Which messages that wait for a decision."""

    delivery: Annotated[str, OneOf(("", *UNSURE))] = ""


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


class PersonChange(Strict):
    """The tier, as the rules name it; empty: none."""

    model_config = like(tier="VIP")

    tier: Annotated[Plain, Field(max_length=20)]


class People(Page[Person]):
    """Contacts, newest first."""
