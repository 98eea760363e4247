"""Finding cases under the conversation's lock, and recording what changed."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from bot import conversations, journal, services
from bot.errors import Refused
from bot.models import Event, Message, User
from handoff.models import Ticket
from handoff.tickets import transitions


class Stale(Refused):
    """The agent's screen is behind: `missed` are the customer's messages that it did not show."""

    def __init__(self, name: str, missed: Sequence[Message]) -> None:
        super().__init__("%(name)s剛剛又傳了 %(count)d 則，看完再送出你的回覆。", name=name, count=len(missed))
        self.missed = tuple(missed)


WORDS = ("message", "messageEdited")


def open_ticket(session: Session, conversation_id: int) -> Ticket | None:
    """The case of a conversation that is not resolved; there is at most one, and it is the newest."""
    last = last_ticket(session, conversation_id)
    return last if last is not None and last.state != "resolved" else None


def tickets_of(session: Session, conversation_id: int) -> Sequence[Ticket]:
    """Every case of a conversation."""
    return session.scalars(select(Ticket).where(Ticket.conversation_id == conversation_id)).all()


def last_ticket(session: Session, conversation_id: int) -> Ticket | None:
    """The newest case of a conversation."""
    return session.scalar(_newest(), {"conversation": conversation_id})


@cache
def _newest() -> Select[Ticket]:
    """Asked in every turn, so it is built once."""
    of_this = select(Ticket).where(Ticket.conversation_id == bindparam("conversation"))
    return of_this.order_by(Ticket.id.desc()).limit(1)


def take(session: Session, ticket_id: int, user_id: int) -> tuple[Ticket, User]:
    """A case as it is now, locked, for a member of the desk."""
    user = transitions.permit_staff(session.get(User, user_id))
    ticket = session.get(Ticket, ticket_id)
    if ticket is None:
        raise Refused("找不到這件案件。")
    conversations.locked(session, ticket.conversation_id)
    session.refresh(ticket)
    return ticket, user


def record(
    session: Session,
    ticket: Ticket,
    kind: str,
    *,
    user_id: int | None = None,
    message_id: int | None = None,
    **data: object,
) -> None:
    """Raise the version and tell the journal."""
    ticket.version += 1
    tell(session, ticket, kind, user_id=user_id, message_id=message_id, **data)


def tell(
    session: Session,
    ticket: Ticket,
    kind: str,
    *,
    user_id: int | None = None,
    message_id: int | None = None,
    **data: object,
) -> None:
    """Write a journal entry about a case, and have the consoles look."""
    services.current().broker.wake_after_commit(session)
    journal.write(
        session,
        kind,
        conversation_id=ticket.conversation_id,
        account_id=ticket.conversation.account_id,
        message_id=message_id,
        user_id=user_id,
        ticket_id=ticket.id,
        version=ticket.version,
        **data,
    )


def require_seen(session: Session, ticket: Ticket, seen_message_id: int) -> None:
    """Stale when the customer wrote after the last message that the agent saw, also what is only in the inbox yet."""
    newer = select(Message).where(
        Message.conversation_id == ticket.conversation_id, Message.author == "customer", Message.id > seen_message_id
    )
    missed = session.scalars(newer.order_by(Message.id)).all()
    if missed:
        raise Stale(ticket.contact.name if ticket.contact and ticket.contact.name else "顧客", missed)
    arriving = select(Event.id).where(
        Event.conversation_id == ticket.conversation_id, Event.state == "waiting", Event.kind.in_(WORDS)
    )
    if session.scalar(arriving.limit(1)) is not None:
        raise Refused("顧客剛傳來新的訊息，看完再送出你的回覆。")
