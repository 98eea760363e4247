"""The content's tables."""

from datetime import datetime

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.clock import now
from bot.db import Base


class Article(Base):
    """A question and the wordings of its one answer. Only a published article is ever said to a customer."""

    __tablename__ = "articles"
    __table_args__ = (Index("ix_articles_intent", "intent", "published"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(String(60), unique=True)
    question: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(String(40), default="")
    intent: Mapped[str] = mapped_column(String(60), default="")
    language: Mapped[str] = mapped_column(String(16), default="zh-TW")
    wordings: Mapped[list[str]]
    buttons: Mapped[list[str]] = mapped_column(default=list)
    published: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class ReplyTemplate(Base):
    """What agents answer with; fields in braces are filled in or asked before it is used."""

    __tablename__ = "reply_templates"

    id: Mapped[int] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(String(40), default="")
    title: Mapped[str] = mapped_column(String(60), unique=True)
    text: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
