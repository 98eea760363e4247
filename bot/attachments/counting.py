"""How many pictures and films of a customer's there are to be looked at."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.models import Attachment, Conversation, Message

PICTURES = ("image", "video")
COMING = ("queued", "preparing", "fetching", "stored")


def count_pictures(session: Session, conversation: Conversation, since: datetime) -> int:
    """Those of this episode that are here or on their way. What we do not keep, or was taken back, is none."""
    his = select(func.count()).select_from(Attachment).join(Message, Message.id == Attachment.message_id)
    here = his.where(
        Message.conversation_id == conversation.id,
        Message.episode == conversation.episode,
        Message.author == "customer",
        Message.occurred_at >= since,
        Attachment.kind.in_(PICTURES),
        Attachment.state.in_(COMING),
    )
    return session.scalar(here) or 0
