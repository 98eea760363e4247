"""Everything one open conversation needs to be drawn, and what this member may do with it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.auth import Member
from bot.clock import now
from bot.models import Conversation
from handoff.clocks import replies_due
from handoff.console import clocks, context, cover, grounds, thread, window
from handoff.console.clocks import Clock
from handoff.console.context import Context
from handoff.console.cover import Cover
from handoff.console.grounds import Ground
from handoff.console.items import Thread
from handoff.console.said import NEWEST, Span
from handoff.console.window import Window
from handoff.models import ContactKey, Ticket
from handoff.tickets import guests, mailing, members, records, speaking, transitions, whispers
from handoff.tickets.transitions import ALLOWED, AT_CASES, DESK, LEADS


@dataclass(frozen=True)
class Earlier:
    """An older page of a thread, with the same beside it."""

    conversation: Conversation
    ticket: Ticket | None
    thread: Thread
    grounds: Mapping[int, Ground]
    channels: Mapping[int, str]
    decides: bool


@dataclass(frozen=True)
class Pane:
    """The thread and the panel beside it. `key` makes one click of 傳送 one message, and `letter_key` one letter.

    `grounds`: why the bot said each of its messages. `channels`: on which each of the case's conversations is.
    `letters`: to which addresses one may write.
    `decides`: about messages that did not surely arrive. `pushes_wait`: a reply sent now waits for the quota.
    `window`: until when one may write, where the platform sets an end.
    `hidden`: the facts that this member is not shown.
    """

    conversation: Conversation
    ticket: Ticket | None
    thread: Thread
    grounds: Mapping[int, Ground]
    channels: Mapping[int, str]
    letters: Sequence[ContactKey]
    context: Context
    may: frozenset[str]
    decides: bool
    pushes_wait: bool
    window: Window | None
    cover: Cover | None
    hidden: frozenset[str]
    first_response: Clock | None
    next_answer: Clock | None
    resolution: Clock | None
    key: str = field(default_factory=lambda: str(uuid.uuid4()))
    letter_key: str = field(default_factory=lambda: str(uuid.uuid4()))

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
    threads = _threads(session, conversation, ticket)
    said = _thread(session, threads, ticket, member, zone, Span(before=before))
    decides = _decides(ticket, member)
    return Earlier(conversation, ticket, said, grounds.load(session, said.items), _channels(threads), decides)


def permitted(session: Session, ticket: Ticket, member: Member, reach: speaking.Reach) -> frozenset[str]:
    """The actions that make sense now; the actions themselves check again."""
    if member.role not in AT_CASES:
        guest = members.sees(session, ticket, member.id)
        return frozenset({"note", "reply"} if guest and guest.floor else {"note"})
    possible = {action for action in ALLOWED if transitions.may(action, ticket, member.role)}
    if "reply" in possible and member.role in DESK:
        possible.add("mail")
    if reach.latest is None:
        possible -= {"reply", "propose"}  # he has only a telephone, or blocked us
    given_to_her = ticket.state == "new" and ticket.assignee_id == member.id  # and not taken up yet
    if ticket.assignee_id is not None and not given_to_her:
        possible.discard("claim")
    if ticket.assignee_id != member.id and member.role not in LEADS:
        possible &= {"claim", "note"} if member.role not in DESK else {"claim", "note", "grade", "whisper"}
    if not whispers.may(ticket, member.id, member.role):
        possible.discard("whisper")
    return frozenset(possible)


def _threads(session: Session, conversation: Conversation, ticket: Ticket | None) -> Sequence[Conversation]:
    return records.threads(session, ticket) if ticket else [conversation]


def _channels(threads: Sequence[Conversation]) -> dict[int, str]:
    return {one.id: one.account.channel for one in threads}


def _thread(
    session: Session, threads: Sequence[Conversation], ticket: Ticket | None, member: Member, zone: ZoneInfo, span: Span
) -> Thread:
    heard = whispers.heard(session, ticket, member.id, member.role) if ticket else ()
    return thread.load(session, threads, zone, heard, span)


def _pane(
    session: Session, conversation: Conversation, ticket: Ticket | None, member: Member, zone: ZoneInfo, span: Span
) -> Pane:
    at = now()
    threads = _threads(session, conversation, ticket)
    said = _thread(session, threads, ticket, member, zone, span)
    reach = speaking.reach(session, ticket) if ticket else None
    may = permitted(session, ticket, member, reach) if ticket and reach else frozenset()
    letters = mailing.addresses(session, ticket) if ticket and "mail" in may else ()
    return Pane(
        conversation=conversation,
        ticket=ticket,
        thread=said,
        grounds=grounds.load(session, said.items),
        channels=_channels(threads),
        letters=letters,
        context=context.load(session, threads, ticket, member),
        may=may if letters else may - {"mail"},
        hidden=guests.hidden_from(member.role),
        cover=cover.load(session, ticket, member, reach, at) if ticket and reach else None,
        decides=_decides(ticket, member),
        pushes_wait=_pushes_wait(conversation, at),
        window=window.of(reach.latest, at) if reach else None,
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
