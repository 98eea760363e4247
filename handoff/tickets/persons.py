"""Whether two contacts are one person: only what both have proved to be theirs says so, and it can be taken back."""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased, joinedload

from bot import conversations, journal
from bot.clock import now
from bot.errors import Refused
from bot.models import Contact, Conversation, Identity, User
from handoff.models import ContactKey, ContactMerge, Ticket
from handoff.tickets import parting, records, transitions

HOW = ("called_back", "code", "document")
OWNED: dict[str, type[Any]] = {"identities": Identity, "conversations": Conversation, "tickets": Ticket}


def normalised(kind: str, value: str) -> str:
    """A phone number or an address in the form in which it is compared; Refused when it is none."""
    if kind == "phone":
        digits = re.sub(r"^(\+?886|00886)", "0", re.sub(r"[\s()-]", "", value))
        if re.fullmatch(r"0\d{8,9}", digits):
            return digits
    elif kind == "email" and re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value.strip()):
        return value.strip().lower()
    raise Refused("電話或信箱的格式不對。")


def verify(session: Session, ticket_id: int, user_id: int, kind: str, value: str, how: str) -> ContactKey:
    """The customer of this case proved that a number or address is his: by a call back, a code, a document."""
    ticket, user = records.take(session, "verify", ticket_id, user_id)
    if ticket.contact_id is None or how not in HOW:
        raise Refused("不知道這是哪位顧客，或沒有說明怎麼確認的。")
    value = normalised(kind, value)
    known = select(ContactKey).where(
        ContactKey.contact_id == ticket.contact_id, ContactKey.kind == kind, ContactKey.value == value
    )
    key = session.scalars(known).one_or_none()
    if key is None:
        key = ContactKey(contact_id=ticket.contact_id, kind=kind, value=value, how=how, verified_by=user.id)
        session.add(key)
        session.flush()
        records.record(session, ticket, "contact.verified", user_id=user.id, key_kind=kind, how=how)
    return key


def alike(session: Session, contact_id: int) -> Sequence[Contact]:
    """Who proved the same number or address: most likely the same person."""
    mine, theirs = aliased(ContactKey), aliased(ContactKey)
    same = (mine.kind == theirs.kind) & (mine.value == theirs.value) & (mine.contact_id != theirs.contact_id)
    found = select(Contact).join(theirs, theirs.contact_id == Contact.id).join(mine, same)
    return session.scalars(found.where(mine.contact_id == contact_id).distinct()).all()


def selves(session: Session, contact_id: int) -> list[int]:
    """This contact, and all who were found to be the same person, through however many merges."""
    known, found = [contact_id], [contact_id]
    while found:
        merged = select(ContactMerge.merged_id).where(
            ContactMerge.kept_id.in_(found), ContactMerge.merged_id.not_in(known), ContactMerge.undone_at.is_(None)
        )
        found = sorted(set(session.scalars(merged)))
        known += found
    return known


def proved(session: Session, contacts: Sequence[int]) -> Sequence[ContactKey]:
    """The numbers and addresses that these contacts proved to be theirs, each once."""
    keys = select(ContactKey).where(ContactKey.contact_id.in_(contacts)).options(joinedload(ContactKey.verifier))
    each = {(key.kind, key.value): key for key in session.scalars(keys.order_by(ContactKey.id.desc()))}
    return sorted(each.values(), key=lambda key: (key.kind, key.id))


def merge(session: Session, kept_id: int, merged_id: int, user_id: int) -> ContactMerge:
    """From now on they are one: what the one wrote, and his cases, are the other's."""
    user = transitions.permit_senior(session.get(User, user_id))
    key = _proof(session, kept_id, merged_id)
    moved = {name: _move(session, table, merged_id, kept_id) for name, table in OWNED.items()}
    if not any(moved.values()):
        raise Refused("這兩筆顧客資料已經合併過了。")
    made = ContactMerge(
        kept_id=kept_id, merged_id=merged_id, kind=key.kind, value=key.value, moved=moved, merged_by=user.id
    )
    session.add(made)
    session.flush()
    journal.write(session, "contact.merged", user_id=user.id, merge_id=made.id, kept=kept_id, merged=merged_id)
    return made


def unmerge(session: Session, ticket_id: int, user_id: int, merge_id: int) -> ContactMerge:
    """The customer of this case was two after all: everything goes back to whose it was, and nobody stays in a case
    of the other's."""
    user = transitions.permit_senior(session.get(User, user_id))
    made = session.get(ContactMerge, merge_id, with_for_update=True)
    if made is None or made.kept_id != session.get_one(Ticket, ticket_id).contact_id:
        raise Refused("找不到這位顧客。")
    if made.undone_at is not None:
        raise Refused("這兩筆顧客資料已經分開了。")
    later = select(ContactMerge.id).where(ContactMerge.merged_id == made.kept_id, ContactMerge.undone_at.is_(None))
    if session.scalar(later.limit(1)) is not None:
        raise Refused("這位顧客後來又合併到別人，先分開那一次。")
    _return(session, made)
    left = parting.part(session, (made.kept_id, made.merged_id))
    made.undone_by, made.undone_at = user.id, now()
    journal.write(session, "contact.unmerged", user_id=user.id, merge_id=made.id, left=left)
    return made


def merges(session: Session, contact_id: int) -> Sequence[ContactMerge]:
    """Who was found to be this contact, and still is."""
    found = select(ContactMerge).where(ContactMerge.kept_id == contact_id, ContactMerge.undone_at.is_(None))
    found = found.options(joinedload(ContactMerge.merged), joinedload(ContactMerge.merger))
    return session.scalars(found.order_by(ContactMerge.id)).all()


def _proof(session: Session, kept_id: int, merged_id: int) -> ContactKey:
    """What both proved; the contacts' rows are locked in one order, so that nobody merges them meanwhile."""
    session.scalars(select(Contact).where(Contact.id.in_((kept_id, merged_id))).order_by(Contact.id).with_for_update())
    theirs = select(ContactKey.value).where(ContactKey.contact_id == merged_id)
    mine = session.scalars(
        select(ContactKey).where(ContactKey.contact_id == kept_id, ContactKey.value.in_(theirs))
    ).first()
    if mine is None or kept_id == merged_id:
        raise Refused("要先在兩邊都確認同一支電話或信箱，才能合併。")
    return mine


def _move(session: Session, table: type[Any], from_id: int, to_id: int) -> list[int]:
    moving = update(table).where(table.contact_id == from_id).values(contact_id=to_id).returning(table.id)
    return sorted(session.scalars(moving))


def _return(session: Session, made: ContactMerge) -> None:
    """What was moved goes back; with the conversations and identities also the cases and conversations begun since."""
    both = Conversation.contact_id.in_((made.kept_id, made.merged_id))
    conversations.hold(session, session.scalars(select(Conversation.id).where(both)).all())
    moved = made.moved
    theirs = Conversation.id.in_(moved["conversations"]) | Identity.id.in_(moved["identities"])
    home = session.scalars(select(Conversation.id).outerjoin(Conversation.identity).where(theirs)).all()
    for table, those in (
        (Identity, Identity.id.in_(moved["identities"])),
        (Conversation, Conversation.id.in_(home)),
        (Ticket, Ticket.id.in_(moved["tickets"]) | Ticket.conversation_id.in_(home)),
    ):
        session.execute(update(table).where(those).values(contact_id=made.merged_id))
