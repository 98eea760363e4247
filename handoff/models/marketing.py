"""Marketing's tables: campaigns, who took part, what was written to them, and whom it was not."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.clock import now
from bot.db import Base
from bot.models import Account, Conversation, Message, User

CAMPAIGN = "campaign"
"""What marks a message of ours, in its payload, as marketing's."""


class Campaign(Base):
    """A campaign: its keywords and the beginning of its buttons' data count from `starts_at` until `ends_at`.

    kind: campaign (customers take part) or broadcast (they answer a push). One that is retired runs no more.
    """

    __tablename__ = "campaigns"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(10))
    keywords: Mapped[list[str]] = mapped_column(default=list)
    postback: Mapped[str] = mapped_column(String(100), default="")
    thanks: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    made_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime] = mapped_column(default=now)
    retired_at: Mapped[datetime | None]


class CampaignEntry(Base):
    """A message that is campaign traffic; of no campaign where none is registered. `thanked`: it was answered."""

    __tablename__ = "campaign_entries"
    __table_args__ = (
        Index("ix_campaign_entries_campaign", "campaign_id", "id"),
        Index("ix_campaign_entries_conversation", "conversation_id", "campaign_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaigns.id"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), unique=True)
    traffic: Mapped[str] = mapped_column(String(12))
    thanked: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(default=now)
    conversation: Mapped[Conversation] = relationship()
    message: Mapped[Message] = relationship()


class CampaignBatch(Base):
    """One text to those who took part. `key` is that of the page on which it was confirmed: it is made once."""

    __tablename__ = "campaign_batches"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(String(36), unique=True)
    made_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime] = mapped_column(default=now)
    maker: Mapped[User] = relationship()


class CampaignSend(Base):
    """A batch's text to one customer.

    state: queued → said (in the outbox, as `message_id`) | suppressed (a case of his was open) | unreachable |
    failed (an error of ours kept it from the outbox) | merged (he had it under another account of his).
    """

    __tablename__ = "campaign_sends"
    __table_args__ = (
        UniqueConstraint("batch_id", "contact_id"),
        Index("ix_campaign_sends_state", "state", "id"),
        Index("ix_campaign_sends_conversation", "conversation_id", "said_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("campaign_batches.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    state: Mapped[str] = mapped_column(String(12), default="queued")
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    said_at: Mapped[datetime | None]
    batch: Mapped[CampaignBatch] = relationship()


class MarketingRefusal(Base):
    """Marketing wanted to write to a customer whose case is open, and was told not to; `source`: batch or api."""

    __tablename__ = "marketing_refusals"

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(10))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    at: Mapped[datetime] = mapped_column(default=now, index=True)


class AudienceCall(Base):
    """A change of the audience at LINE that holds whom marketing must not write to now. One at a time an account.

    deed: create (a new audience of all of them, since LINE takes nobody out of one), add, or delete (of one that a
    newer has replaced). state: queued → done, queued again, or failed for good; gone: made once, and LINE has it no
    more. `users` are LINE's ids; `key` stands in the audience's description, so that one which was made in a call that
    broke off is found again.
    """

    __tablename__ = "audience_calls"
    __table_args__ = (Index("ix_audience_calls_state", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    deed: Mapped[str] = mapped_column(String(8))
    users: Mapped[list[str]] = mapped_column(default=list)
    audience: Mapped[int | None] = mapped_column(BigInteger)
    key: Mapped[str] = mapped_column(String(36), default=lambda: str(uuid.uuid4()))
    state: Mapped[str] = mapped_column(String(10), default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(200), default="")
    due_at: Mapped[datetime] = mapped_column(default=now)
    made_at: Mapped[datetime] = mapped_column(default=now)
    done_at: Mapped[datetime | None]
    account: Mapped[Account] = relationship()
