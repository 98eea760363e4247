"""What the house keeps for its cases: tags that may be put on one, and fields of its own to fill."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from bot.clock import now
from bot.db import Base


class CaseTag(Base):
    """A tag, by the name that cases carry. One that is retired stays on the cases that have it."""

    __tablename__ = "case_tags"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20), unique=True)
    name_en: Mapped[str] = mapped_column(String(40), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    retired_at: Mapped[datetime | None]


class CaseField(Base):
    """A field, by the name under which cases hold its value.

    kind: text, choice (of `choices`), number or date. `required`: the types of case that need a value.
    """

    __tablename__ = "case_fields"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20), unique=True)
    name_en: Mapped[str] = mapped_column(String(40), default="")
    kind: Mapped[str] = mapped_column(String(10))
    choices: Mapped[list[str]] = mapped_column(default=list)
    required: Mapped[list[str]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=now)
    retired_at: Mapped[datetime | None]
