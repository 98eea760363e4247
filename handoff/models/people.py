"""Who works on the desk: teams, their members, when those work, and who is there now."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.clock import now
from bot.db import Base
from bot.models import User


class Team(Base):
    """A department. `key` is its name in the policy's matrix, by which cases name it.

    `head` is the last to whom a case goes that nobody took. `overflow` is the key of the team that helps in a surge,
    which lasts since `surge_since`; `calm_since` is when arrivals and queue became usual again.
    """

    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    head_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    overflow: Mapped[str] = mapped_column(String(20), default="")
    surge_since: Mapped[datetime | None]
    calm_since: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    head: Mapped[User | None] = relationship()


class Member(Base):
    """Somebody who takes a team's cases, while having fewer than `capacity` in hand altogether.

    `skills` are the case categories that this member takes; none named means all. `standby`: only in a surge.
    """

    __tablename__ = "members"
    __table_args__ = (UniqueConstraint("team_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    lead: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    standby: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    skills: Mapped[list[str]] = mapped_column(default=list)
    capacity: Mapped[int] = mapped_column(default=5, server_default="5")
    created_at: Mapped[datetime] = mapped_column(default=now)
    team: Mapped[Team] = relationship()
    user: Mapped[User] = relationship()


class Shift(Base):
    """When somebody works, each week: from `opens` to `closes` (HH:MM in the shop's zone), also over midnight.

    Who has no shift at all works whenever they are online. Monday is 0.
    """

    __tablename__ = "shifts"
    __table_args__ = (UniqueConstraint("user_id", "weekday", "opens"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    weekday: Mapped[int]
    opens: Mapped[str] = mapped_column(String(5))
    closes: Mapped[str] = mapped_column(String(5))


class Absence(Base):
    """Somebody on leave: gets no cases from `starts_at` until `ends_at`."""

    __tablename__ = "absences"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(80), default="")


class Presence(Base):
    """Whether somebody is there: `status` (online or away) is their own choice, and holds until `online_until`,

    which an open console keeps moving. `assigned_at` is when a case was assigned to them last.
    """

    __tablename__ = "presences"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, autoincrement=False)
    status: Mapped[str] = mapped_column(String(10), default="online")
    online_until: Mapped[datetime]
    since: Mapped[datetime] = mapped_column(default=now)
    assigned_at: Mapped[datetime | None]


class PassedOver(Base):
    """Somebody to whom a case was assigned and who did not take it in time: it does not come back to them."""

    __tablename__ = "passed_over"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(default=now)
