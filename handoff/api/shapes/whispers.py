"""What seniors say to whoever has a case."""

from datetime import datetime

from pydantic import BaseModel

from bot.api import Page
from handoff.api.shapes.base import like
from handoff.models import Whisper


class Whispered(BaseModel):
    """A whisper, for whoever has the case and those who lead; it never leaves the house."""

    model_config = like(id=5, by="lin", text="先確認孩子有沒有受傷，再談換貨。", at="2026-11-22T04:07:00Z")

    id: int
    by: str
    text: str
    at: datetime

    @classmethod
    def of(cls, whisper: Whisper) -> "Whispered":
        return cls(id=whisper.id, by=whisper.user.username, text=whisper.text, at=whisper.created_at)


class Whispers(Page[Whispered]):
    """Whispers of a case, newest first."""
