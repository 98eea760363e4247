"""Who the customer is: where he writes from, what he proved, what colleagues noted, and who else he may be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from bot.auth import Member
from bot.models import Account, Contact, Conversation
from handoff.models import ContactKey, ContactMerge, ContactNote, Ticket
from handoff.tickets import annotating, mailing, persons
from handoff.tickets.transitions import DESK, SENIORS


@dataclass(frozen=True)
class Other:
    """A contact who is most likely the same person, by what both proved; `cases` would come along."""

    contact: Contact
    proof: Sequence[ContactKey]
    channels: Sequence[str]
    cases: int


@dataclass(frozen=True)
class Who:
    """`cases` are the newest ones of his conversations, by which those are opened. `decides`: the member may say who
    is one person; `opens`: she may look at all that he wrote."""

    contact: Contact
    conversations: Sequence[Conversation]
    cases: Mapping[int, str]
    keys: Sequence[ContactKey]
    notes: Sequence[ContactNote]
    alike: Sequence[Other]
    merges: Sequence[ContactMerge]
    decides: bool
    opens: bool


def load(session: Session, contact: Contact, member: Member) -> Who:
    selves = persons.selves(session, contact.id)
    decides = member.role in SENIORS
    conversations = _conversations(session, contact.id)
    return Who(
        contact=contact,
        conversations=conversations,
        cases=_cases(session, [conversation.id for conversation in conversations]),
        keys=persons.proved(session, selves),
        notes=annotating.notes(session, selves),
        alike=_alike(session, contact, selves) if decides else (),
        merges=persons.merges(session, contact.id) if decides else (),
        decides=decides,
        opens=member.role in DESK,
    )


def _conversations(session: Session, contact_id: int) -> Sequence[Conversation]:
    """Where he writes from; letters go one way, and stand with their cases."""
    his = select(Conversation).join(Conversation.account)
    his = his.where(Conversation.contact_id == contact_id, Account.channel != mailing.CHANNEL)
    with_whom = contains_eager(Conversation.account), joinedload(Conversation.identity)
    return session.scalars(his.options(*with_whom).order_by(Conversation.id)).all()


def _cases(session: Session, conversations: Sequence[int]) -> dict[int, str]:
    newest = select(func.max(Ticket.id)).where(Ticket.conversation_id.in_(conversations))
    found = select(Ticket).where(Ticket.id.in_(newest.group_by(Ticket.conversation_id)))
    return {case.conversation_id: case.number for case in session.scalars(found)}


def _alike(session: Session, contact: Contact, selves: Sequence[int]) -> list[Other]:
    return [_other(session, contact, one) for one in persons.alike(session, contact.id) if one.id not in selves]


def _other(session: Session, contact: Contact, other: Contact) -> Other:
    mine = {(key.kind, key.value) for key in persons.proved(session, [contact.id])}
    proof = [key for key in persons.proved(session, [other.id]) if (key.kind, key.value) in mine]
    channels = dict.fromkeys(one.account.channel for one in _conversations(session, other.id))
    cases = select(func.count()).select_from(Ticket).where(Ticket.contact_id == other.id)
    return Other(other, proof, list(channels), session.scalar(cases) or 0)
