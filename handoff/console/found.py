"""What a search shows: cases, people and messages, each a few at first and page by page after that.

The pages are cut by ids, so nothing is skipped or shown twice while more is said.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from bot import searching
from bot.language import Piece, excerpt, veil
from bot.models import Contact, Conversation, Message
from handoff.console import inbox
from handoff.console.inbox import Row
from handoff.console.parts import Part
from handoff.models import CaseThread, Ticket
from handoff.tickets import finding, guests

FIRST = {"cases": 8, "people": 5, "messages": 12}
PAGE = 30
MOST = 2**31 - 1  # of an id
NONE: Part[Any] = Part()
Reached = Callable[[Sequence[Select[Any]], Select[Any], InstrumentedAttribute[int], int], tuple[list[Any], str, bool]]


@dataclass(frozen=True)
class Someone:
    """A person, with where he wrote last: his newest case, or the conversation that the bot holds."""

    contact: Contact
    conversation: Conversation | None
    ticket: Ticket | None


@dataclass(frozen=True)
class Hit:
    """A message, what of it fits, and the case as which it can be opened."""

    message: Message
    conversation: Conversation
    ticket: Ticket | None
    excerpt: Sequence[Piece]


@dataclass(frozen=True)
class Found:
    """The groups. `only`: the one group whose further page this is."""

    only: str
    cases: Part[Row]
    people: Part[Someone]
    messages: Part[Hit]

    @property
    def nothing(self) -> bool:
        return not (self.only or self.cases.shown or self.people.shown or self.messages.shown)

    @property
    def whole(self) -> bool:
        """Whether everything was looked at."""
        return self.cases.whole and self.people.whole and self.messages.whole


def load(
    session: Session, query: str, guest: int | None, hidden: Collection[str] = (), only: str = "", after: str = ""
) -> Found:
    """What fits the query; of one group alone, what comes after a place. `guest` sees only cases that she is on.

    `hidden`: facts that messages are shown without.
    """
    reached = partial(_reached, session, after, searching.deadline())
    groups: Mapping[str, Callable[[int], Part[Any]]] = {
        "cases": partial(_cases, session, query, guest, reached),
        "people": partial(_people, session, query, guest, reached),
        "messages": partial(_messages, session, query, guest, hidden, reached),
    }
    if only in groups:
        return Found(only, **{name: part(PAGE) if name == only else NONE for name, part in groups.items()})
    return Found("", **{name: part(FIRST[name]) for name, part in groups.items()})


def _cases(session: Session, query: str, guest: int | None, reached: Reached, size: int) -> Part[Row]:
    wanted = select(Ticket).options(*inbox.with_whom())
    tickets, following, whole = reached(finding.cases(session, query, guest), wanted, Ticket.id, size)
    return Part(inbox.rows(session, [(ticket.conversation, ticket) for ticket in tickets]), following, whole)


def _people(session: Session, query: str, guest: int | None, reached: Reached, size: int) -> Part[Someone]:
    if guest is not None:
        return NONE
    ways = finding.people(session, query)
    contacts, following, whole = reached(ways, select(Contact), Contact.id, size)
    return Part([_someone(session, contact) for contact in contacts], following, whole)


def _someone(session: Session, contact: Contact) -> Someone:
    newest = select(Ticket).where(Ticket.contact_id == contact.id).order_by(Ticket.id.desc()).limit(1)
    last = select(Conversation).where(Conversation.contact_id == contact.id)
    last = last.options(joinedload(Conversation.account)).order_by(Conversation.last_customer_at.desc()).limit(1)
    return Someone(contact, session.scalar(last), session.scalar(newest))


def _messages(
    session: Session, query: str, guest: int | None, hidden: Collection[str], reached: Reached, size: int
) -> Part[Hit]:
    wanted = select(Message).options(joinedload(Message.user))
    said, following, whole = reached(finding.messages(session, query, guest), wanted, Message.id, size)
    where = {message.conversation_id for message in said}
    conversations = {one.id: one for one in session.scalars(_with_whom(where))}
    tickets = _tickets(session, where, guest)
    return Part(
        [
            Hit(
                message,
                conversations[message.conversation_id],
                _place(message, tickets),
                excerpt(veil(message.text, hidden), query),
            )
            for message in said
        ],
        following,
        whole,
    )


def _place(message: Message, tickets: Sequence[tuple[int, Ticket]]) -> Ticket | None:
    """It is shown in the case of its episode, else in the newest case to which its conversation belongs."""
    here = [ticket for conversation, ticket in tickets if conversation == message.conversation_id]
    own = [ticket for ticket in here if (ticket.conversation_id, ticket.episode) == _episode(message)]
    return next(iter(own or here), None)


def _episode(message: Message) -> tuple[int, int]:
    return message.conversation_id, message.episode


def _with_whom(ids: set[int]) -> Select[Conversation]:
    whom = joinedload(Conversation.account), joinedload(Conversation.contact)
    return select(Conversation).where(Conversation.id.in_(ids)).options(*whom)


def _tickets(session: Session, conversations: set[int], guest: int | None) -> list[tuple[int, Ticket]]:
    """The cases of these conversations, with those that they were joined to, newest first."""
    own = select(Ticket.conversation_id, Ticket).where(Ticket.conversation_id.in_(conversations))
    joined = select(CaseThread.conversation_id, Ticket).join(CaseThread.ticket)
    joined = joined.where(CaseThread.conversation_id.in_(conversations))
    found: list[tuple[int, Ticket]] = []
    for wanted in (own, joined):
        visible = wanted if guest is None else wanted.where(guests.visible(guest))
        found += [(conversation, ticket) for conversation, ticket in session.execute(visible)]
    return sorted(found, key=lambda pair: -pair[1].id)


def _reached(
    session: Session,
    after: str,
    ends: float,
    ways: Sequence[Select[Any]],
    wanted: Select[Any],
    key: InstrumentedAttribute[int],
    size: int,
) -> tuple[list[Any], str, bool]:
    """So many rows below an id, the id below which the next ones are, and whether all were looked at.

    Not so where the words are so common that only what is new was read. The groups share the time until `ends`.
    """
    reached, whole = searching.within_reach(session, ways, key, _below(after), size + 1, ends)
    rows = session.scalars(wanted.where(reached).order_by(key.desc())).unique().all()
    return list(rows[:size]), str(rows[size - 1].id) if len(rows) > size else "", whole


def _below(after: str) -> int | None:
    """The id that a page begins below; none on the first."""
    return min(int(after), MOST) if after.isdecimal() else None
