"""Everything one open conversation needs to be drawn, and what this member may do with it."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.auth import Member
from bot.clock import now
from bot.models import Conversation
from handoff.clocks import replies_due
from handoff.console import clocks, context, cover, thread
from handoff.console.clocks import Clock
from handoff.console.context import Context
from handoff.console.cover import Cover
from handoff.console.items import Thread
from handoff.console.said import NEWEST, Span
from handoff.models import Ticket
from handoff.tickets import guests, members, records, speaking, transitions, whispers
from handoff.tickets.transitions import ALLOWED, AT_CASES, DESK, LEADS


@dataclass(frozen=True)
class Earlier:
    """An older page of a thread."""

    conversation: Conversation
    ticket: Ticket | None
    thread: Thread
    decides: bool


@dataclass(frozen=True)
class Pane:
    """The thread and the panel beside it. `key` makes one click of 傳送 one message.

    `decides`: about messages that did not surely arrive. `pushes_wait`: a reply sent now waits for the quota.
    `hidden`: the facts that this member is not shown.
    """

    conversation: Conversation
    ticket: Ticket | None
    thread: Thread
    context: Context
    may: frozenset[str]
    decides: bool
    pushes_wait: bool
    cover: Cover | None
    hidden: frozenset[str]
    first_response: Clock | None
    next_answer: Clock | None
    resolution: Clock | None
    key: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def name(self) -> str:
        contact = self.conversation.contact
        return contact.name if contact else ""

    @property
    def seen(self) -> int:
        return self.thread.seen


def of_case(session: Session, number: str, member: Member, zone: ZoneInfo, span: Span = NEWEST) -> Pane | None:
    """A case. A merged one shows as what it was."""
    ticket = visible(session, number, member)
    return _pane(session, ticket.conversation, ticket, member, zone, span) if ticket else None


def visible(session: Session, number: str, member: Member) -> Ticket | None:
    """The case of this number, for the desk and for those who were asked into it."""
    ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one_or_none()
    if ticket is None or not (member.role in DESK or guests.sees(session, ticket, member.id)):
        return None
    return ticket


def of_conversation(
    session: Session, conversation_id: int, member: Member, zone: ZoneInfo, span: Span = NEWEST
) -> Pane | None:
    """A conversation as the bot leads it: to be read, not to be answered."""
    conversation = session.get(Conversation, conversation_id)
    return _pane(session, conversation, None, member, zone, span) if conversation else None


def earlier(
    session: Session, conversation: Conversation, ticket: Ticket | None, member: Member, zone: ZoneInfo, before: int
) -> Earlier:
    """What was said in a case, or in a conversation of the bot's, before a message."""
    said = _thread(session, conversation, ticket, member, zone, Span(before=before))
    return Earlier(conversation, ticket, said, _decides(ticket, member))


def permitted(session: Session, ticket: Ticket, member: Member) -> frozenset[str]:
    """The actions that make sense now; the actions themselves check again."""
    if member.role not in AT_CASES:
        guest = members.sees(session, ticket, member.id)
        return frozenset({"note", "reply"} if guest and guest.floor else {"note"})
    possible = {action for action in ALLOWED if transitions.may(action, ticket, member.role)}
    if not speaking.writable(session, ticket):
        possible -= {"reply", "propose"}  # he has only a telephone
    given_to_her = ticket.state == "new" and ticket.assignee_id == member.id  # and not taken up yet
    if ticket.assignee_id is not None and not given_to_her:
        possible.discard("claim")
    if ticket.assignee_id != member.id and member.role not in LEADS:
        possible &= {"claim", "note"} if member.role not in DESK else {"claim", "note", "grade", "whisper"}
    if not whispers.may(ticket, member.id, member.role):
        possible.discard("whisper")
    return frozenset(possible)


def _thread(
    session: Session, conversation: Conversation, ticket: Ticket | None, member: Member, zone: ZoneInfo, span: Span
) -> Thread:
    if ticket is None:
        return thread.load(session, [conversation], zone, span=span)
    heard = whispers.heard(session, ticket, member.id, member.role)
    return thread.load(session, records.threads(session, ticket), zone, heard, span)


def _pane(
    session: Session, conversation: Conversation, ticket: Ticket | None, member: Member, zone: ZoneInfo, span: Span
) -> Pane:
    at = now()
    return Pane(
        conversation=conversation,
        ticket=ticket,
        thread=_thread(session, conversation, ticket, member, zone, span),
        context=context.load(session, conversation, ticket, member),
        may=permitted(session, ticket, member) if ticket else frozenset(),
        hidden=guests.hidden_from(member.role),
        cover=cover.load(session, ticket, member, at) if ticket else None,
        decides=_decides(ticket, member),
        pushes_wait=_pushes_wait(conversation, at),
        first_response=clocks.first_response(ticket, at) if ticket else None,
        next_answer=clocks.next_answer(ticket, at, _next_due(session, ticket)) if ticket else None,
        resolution=clocks.resolution(ticket, at) if ticket else None,
    )


def _decides(ticket: Ticket | None, member: Member) -> bool:
    """Whoever leads the desk, or has the case and is of the desk."""
    return member.role in LEADS or (ticket is not None and member.role in DESK and ticket.assignee_id == member.id)


def _next_due(session: Session, ticket: Ticket) -> datetime | None:
    return replies_due(session, [ticket.id]).get(ticket.id)


def _pushes_wait(conversation: Conversation, at: datetime) -> bool:
    """Whether the account's pushes are used up, and the customer's last message gives no free reply any more."""
    paused, free = conversation.account.push_paused_until, conversation.reply_until
    return paused is not None and paused > at and (free is None or free < at)
