"""Pictures that a customer sent together: platforms tell them one by one, and they get one answer."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.messages import Inbound
from bot.models import Message


def is_whole(inbounds: Sequence[Inbound]) -> bool:
    """Whether no picture of a set is still missing among these."""
    sets = [found for one in inbounds if (found := _set(one.payload))]
    return all(len([one for one in sets if one[0] == name]) >= total for name, total in sets)


def went_on(session: Session, messages: Sequence[Message]) -> bool:
    """Whether these are nothing but the rest of a set of which some came before, and were answered."""
    names = {found[0] if (found := _set(message.payload)) else "" for message in messages}
    name = names.pop()
    if names or not name:
        return False
    before = (Message.conversation_id == messages[0].conversation_id, Message.id < messages[0].id)
    same = Message.payload["imageSet"]["id"].as_string() == name
    return session.scalar(select(Message.id).where(*before, same).limit(1)) is not None


def _set(payload: dict[str, Any]) -> tuple[str, int] | None:
    """The set's name, and how many pictures belong to it."""
    given = payload.get("imageSet")
    name, total = (given.get("id"), given.get("total")) if isinstance(given, dict) else (None, None)
    return (name, total) if isinstance(name, str) and name and isinstance(total, int) else None
