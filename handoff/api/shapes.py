"""What the API takes and gives. Times are ISO 8601 in UTC; a field once given stays."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.api import Page, PageQuery
from bot.models import Contact, Conversation, Message
from handoff.models import Ticket

MOST = 2**31 - 1
Words = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
Plain = Annotated[str, StringConstraints(max_length=80, pattern=r"^[^\x00]*$")]


class Strict(BaseModel):
    """A request says nothing that we would not read."""

    model_config = ConfigDict(extra="forbid")


class Case(BaseModel):
    """A case in human hands."""

    number: str
    state: str
    level: str
    priority: str
    type: str
    category: str
    team: str
    assignee: str | None = Field(description="user name of whoever has it")
    reason: str
    summary: str
    facts: dict[str, Any]
    tags: list[str]
    conversation_id: int
    contact_id: int | None
    opened_at: datetime
    first_response_due_at: datetime
    first_response_at: datetime | None
    resolution_due_at: datetime
    resolved_at: datetime | None
    resolution: str
    version: int

    @classmethod
    def of(cls, ticket: Ticket) -> "Case":
        plain = {name: getattr(ticket, name) for name in cls.model_fields if name != "assignee"}
        return cls(assignee=ticket.assignee.username if ticket.assignee else None, **plain)


class Said(BaseModel):
    """A message as people see it; `kind` note never leaves the house."""

    id: int
    author: str
    kind: str
    text: str
    at: datetime
    delivery: str | None = Field(description="what became of a message of ours; null of a customer's")

    @classmethod
    def of(cls, message: Message) -> "Said":
        return cls(
            id=message.id,
            author=message.author,
            kind=message.kind,
            text=message.text,
            at=message.created_at,
            delivery=message.outbox.state if message.outbox else None,
        )


class Thread(BaseModel):
    """The one thread with a person or group on an account."""

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


class Person(BaseModel):
    """Somebody who writes to us."""

    id: int
    name: str
    language: str
    tier: str
    created_at: datetime

    @classmethod
    def of(cls, contact: Contact) -> "Person":
        return cls(**{name: getattr(contact, name) for name in cls.model_fields})


class CaseQuery(PageQuery):
    """Which cases; what is left out does not matter."""

    state: Plain = ""
    level: Plain = ""
    team: Plain = ""
    assignee: Plain = Field("", description="a user name")
    contact_id: int | None = Field(None, ge=1, le=MOST)


class ThreadQuery(PageQuery):
    """Which conversations."""

    owner: Plain = Field("", description="bot or human")
    contact_id: int | None = Field(None, ge=1, le=MOST)


class Reply(Strict):
    """Words to the customer. `seen_message_id`: the newest message that whoever wrote them had read."""

    text: Words
    seen_message_id: int = Field(ge=0, le=MOST)


class Note(Strict):
    """Words to colleagues."""

    text: Words


class Transfer(Strict):
    """To a colleague (user name) or a team's queue, and why."""

    to: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[^\x00]*$")]
    why: Words


class Seen(Strict):
    """The newest message that whoever decides this had read."""

    seen_message_id: int = Field(ge=0, le=MOST)


class Why(Strict):
    """A reason, for the record."""

    why: Words


class Cases(Page[Case]):
    """Cases, newest first."""


class Threads(Page[Thread]):
    """Conversations, newest first."""


class People(Page[Person]):
    """Contacts, newest first."""


class Messages(Page[Said]):
    """Messages, newest first."""
