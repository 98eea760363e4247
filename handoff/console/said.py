"""Which messages of a conversation are drawn: the newest, all from one on that is on the screen, or a page before one.

Cut by ids, so that nothing is skipped or shown twice while more is said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session, joinedload

from bot.models import Message

PAGE = 300
MOST = 1000  # messages of a screen that is drawn again as long as it was


@dataclass(frozen=True)
class Span:
    """`since`: the first message on a screen that is drawn again. `before`: the message above which a page ends."""

    since: int = 0
    before: int = 0


NEWEST = Span()


@dataclass(frozen=True)
class Said:
    """Some messages, oldest first; whether there are earlier ones, and when the later ones begin."""

    messages: Sequence[Message]
    earlier: bool
    until: datetime | None = None

    def covers(self, at: datetime) -> bool:
        """Whether what happened at a time stands among these messages."""
        begun = not self.earlier or at >= self.messages[0].created_at
        return begun and (self.until is None or at < self.until)


def read(session: Session, conversation_ids: Sequence[int], span: Span) -> Said:
    """The messages of a span. A screen that has grown too long begins anew with the newest."""
    here = Message.conversation_id.in_(conversation_ids)
    if span.since:
        shown = _newest(session, here & (Message.id >= span.since), MOST)
        if 0 < len(shown) <= MOST:
            earlier = session.scalar(select(Message.id).where(here, Message.id < span.since).limit(1))
            return Said(shown[::-1], earlier=earlier is not None)
    above = Message.id < span.before if span.before else true()
    found = _newest(session, here & above, PAGE)
    later = session.get(Message, span.before) if span.before else None
    return Said(found[:PAGE][::-1], earlier=len(found) > PAGE, until=later.created_at if later else None)


def quoted(session: Session, messages: Sequence[Message]) -> Mapping[str, Message]:
    """The messages that these quote, by the platform's name; those that we know."""
    named = {name for one in messages if isinstance(name := one.payload.get("quotedMessageId"), str)}
    if not named:
        return {}
    theirs = Message.conversation_id.in_({one.conversation_id for one in messages})
    found = session.scalars(select(Message).where(theirs, Message.external_id.in_(named)))
    return {str(one.external_id): one for one in found}


def _newest(session: Session, those: ColumnElement[bool], size: int) -> Sequence[Message]:
    """So many of them, newest first, and one more if there is one."""
    newest = select(Message).where(those).order_by(Message.id.desc()).limit(size + 1)
    with_all = joinedload(Message.outbox), joinedload(Message.user), joinedload(Message.attachment)
    return session.scalars(newest.options(*with_all)).all()
