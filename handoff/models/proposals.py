"""What the bot prepared for a customer, and who let it go out, or did not."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.clock import now
from bot.db import Base
from bot.models import User
from handoff.models.tickets import Ticket


class Proposal(Base):
    """An answer, or what is said of a change, that no customer hears before people have approved it.

    state: pending → approved (it was said, as `message_id`), refused → revised (another one goes on with it), or
    taken_back by the customer; a change is carried out before it is said: carrying. `changes` is what is to be changed,
    `order` that of an order, `proof` how the customer proved who he is. Of two `approvals` that are needed, `first_by`
    gave the first; whoever edits the text approves only her own.
    """

    __tablename__ = "proposals"
    __table_args__ = (Index("ix_proposals_state", "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    proof: Mapped[str] = mapped_column(String(200), default="")
    approvals: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(10), default="pending")
    made_at: Mapped[datetime] = mapped_column(default=now)
    first_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    edited_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    why: Mapped[str] = mapped_column(String(200), default="")
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    ticket: Mapped[Ticket] = relationship()
    first: Mapped[User | None] = relationship(foreign_keys=[first_by])
    decider: Mapped[User | None] = relationship(foreign_keys=[decided_by])
    order: Mapped["ChangeOfOrder | None"] = relationship(back_populates="proposal")


class ChangeOfOrder(Base):
    """What a proposal changes of an order. It is written down before the shop's system is called, and what came of it
    after, so that nothing is done twice.

    state: waiting (for approval) → queued → calling → done, some by way of under_way: the system took it and makes it
    by and by, which is looked for `until` then. Or by_hand: a colleague has to look at the shop's system, since it
    cannot do this (unable), does not want to (refused), does not answer (away), or nobody knows whether it did
    (unclear); `why`, and `reason` in words to be translated, filled with `facts`. dropped: it was not approved, or
    taken back. `calls` tells the tries apart.
    """

    __tablename__ = "order_changes"
    __table_args__ = (Index("ix_order_changes_state", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"), unique=True)
    number: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(10))
    value: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    why: Mapped[str] = mapped_column(String(10), default="")
    reason: Mapped[str] = mapped_column(String(200), default="")
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    calls: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(default=now)
    until: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    proposal: Mapped[Proposal] = relationship(back_populates="order")
