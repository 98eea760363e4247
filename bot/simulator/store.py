"""The simulated platform's own memory, `${FRONTLINE_DATA}/simulator.db`: apart from ours, as LINE's is.

The process `simulator` and the phone page in the web process open the same file.
"""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot import db
from bot.clock import now
from bot.settings import Settings
from bot.simulator.customers import CUSTOMERS


class Base(DeclarativeBase):
    """Base of the platform's tables, with metadata of its own: migrations of ours do not know them."""

    metadata = MetaData(naming_convention=db.NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: db.UtcDateTime(),
        dict[str, Any]: JSON(),
        list[dict[str, Any]]: JSON(),
    }


class Customer(Base):
    """A person with the phone. `changes` counts redraws of the phone; until `loading_until` it shows dots."""

    __tablename__ = "customers"

    id: Mapped[str] = mapped_column(String(33), primary_key=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))
    tier: Mapped[str] = mapped_column(String(20), default="")
    language: Mapped[str] = mapped_column(String(16))
    changes: Mapped[int] = mapped_column(default=0)
    blocked_at: Mapped[datetime | None]
    loading_until: Mapped[datetime | None]


class Bubble(Base):
    """A message as the phone shows it. `body` is LINE's message object; `changed` is the phone's cursor."""

    __tablename__ = "bubbles"
    __table_args__ = (Index("ix_bubbles_phone", "customer_id", "changed"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    message_id: Mapped[str] = mapped_column(String(32), unique=True)
    mine: Mapped[bool]
    body: Mapped[dict[str, Any]]
    sender: Mapped[str] = mapped_column(String(40), default="")
    changed: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=now)
    read_at: Mapped[datetime | None]
    unsent_at: Mapped[datetime | None]


class Content(Base):
    """A picture that a customer sent."""

    __tablename__ = "contents"

    message_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    mime: Mapped[str] = mapped_column(String(40))
    data: Mapped[bytes] = mapped_column(LargeBinary)


class Delivery(Base):
    """A webhook event on its way to the bot. state: waiting → done | given_up."""

    __tablename__ = "deliveries"
    __table_args__ = (Index("ix_deliveries_waiting", "state", "customer_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    event_id: Mapped[str] = mapped_column(String(26), unique=True)
    event: Mapped[dict[str, Any]]
    message_id: Mapped[str | None] = mapped_column(String(32), index=True)
    reply_token: Mapped[str | None] = mapped_column(String(40), unique=True)
    token_until: Mapped[datetime | None]
    token_used_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(default=now)
    created_at: Mapped[datetime] = mapped_column(default=now)
    posted_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(Text, default="")


class RichMenu(Base):
    """A rich menu as the bot made it; `for_all` is the one for everybody who has none of his own."""

    __tablename__ = "rich_menus"

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    body: Mapped[dict[str, Any]]
    picture: Mapped[bytes | None] = mapped_column(LargeBinary)
    mime: Mapped[str] = mapped_column(String(40), default="")
    for_all: Mapped[bool] = mapped_column(default=False)


class OwnMenu(Base):
    """The menu that a customer has of his own."""

    __tablename__ = "own_menus"

    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    menu_id: Mapped[str] = mapped_column(ForeignKey("rich_menus.id"))


class Call(Base):
    """A send call that was accepted: what its retry key stands for, and what the quota counts."""

    __tablename__ = "calls"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(10))
    retry_key: Mapped[str | None] = mapped_column(String(36), index=True)
    sent: Mapped[list[dict[str, Any]]]
    counted: Mapped[bool]
    at: Mapped[datetime] = mapped_column(default=now)


def show(customer: Customer, bubble: Bubble) -> None:
    """Have the phone draw this bubble (again)."""
    customer.changes += 1
    bubble.changed = customer.changes


def opened(settings: Settings) -> db.Sessions:
    """Sessions on the platform's memory, made on first use with its tables and customers."""
    return _opened(settings.data)


@cache
def _opened(folder: Path) -> db.Sessions:
    url = f"sqlite:///{folder / 'simulator.db'}"
    engine = db.connect(Settings(database_url=url, frontline_data=folder))
    with engine.begin() as connection:  # takes the write lock: two processes do not create the tables twice
        Base.metadata.create_all(connection)
    sessions = db.sessions(engine)
    with sessions.begin() as session:
        for position, customer in enumerate(CUSTOMERS):
            if session.get(Customer, customer.id) is None:
                session.add(Customer(position=position, changes=0, **customer.as_columns()))
    return sessions
