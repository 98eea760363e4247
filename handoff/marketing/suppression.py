"""Whom marketing must not write to now: whose case is open, who talks to a person, who fills in a form for one.

Each time that marketing wanted to and was told not to is counted.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cache

from sqlalchemy import CompoundSelect, Select, func, select, union
from sqlalchemy.orm import Session, joinedload

from bot.clock import now
from bot.models import Account, Contact, Conversation, Identity, Intake
from handoff.models import LIVE, ContactMerge, MarketingRefusal, Ticket

BATCH, API = "batch", "api"
PAGE = 500


@cache
def _all_held() -> CompoundSelect[int | None]:
    """The contacts in question, each once."""
    return union(
        select(Ticket.contact_id).where(Ticket.state.in_(LIVE), Ticket.contact_id.is_not(None)),
        select(Conversation.contact_id).where(Conversation.owner == "human", Conversation.contact_id.is_not(None)),
        select(Conversation.contact_id)
        .join(Intake, Intake.conversation_id == Conversation.id)
        .where(Intake.state == "asking", Conversation.contact_id.is_not(None)),
    )


def among(session: Session, contacts: Collection[int]) -> set[int]:
    """Those of these contacts to whom marketing must not write now."""
    held = _all_held().subquery()
    found: set[int] = set()
    wanted = sorted(contacts)
    for start in range(0, len(wanted), PAGE):
        some = select(held.c[0]).where(held.c[0].in_(wanted[start : start + PAGE]))
        found.update(session.scalars(some))
    return found


def count(session: Session) -> int:
    """How many people that are."""
    return session.scalar(select(func.count()).select_from(_all_held().subquery())) or 0


def refused(session: Session, source: str, contacts: Collection[int]) -> None:
    """Marketing asked for these, and was told not to write to them."""
    session.add_all(MarketingRefusal(source=source, contact_id=contact) for contact in contacts)


def refusals(session: Session) -> Mapping[str, tuple[int, int]]:
    """How often that was, by who asked: in the last day, and in the last thirty."""
    month = select(
        MarketingRefusal.source,
        func.count().filter(MarketingRefusal.at > now() - timedelta(days=1)),
        func.count(),
    ).where(MarketingRefusal.at > now() - timedelta(days=30))
    return {source: (day, all_) for source, day, all_ in session.execute(month.group_by(MarketingRefusal.source))}


Name = tuple[str, str | None, int | None]
"""A customer by the channel and the platform's id of him, or by the contact's id."""


def meant(session: Session, names: Sequence[Name]) -> list[set[int]]:
    """The contacts behind each name: none where nobody is known, several where several accounts know him."""
    users = {(channel, user) for channel, user, _ in names if user is not None}
    known = _whose(session, users)
    contacts = _selves(session, {contact for *_, contact in names if contact is not None})
    return [
        known.get((channel, user), set()) if user is not None else contacts.get(contact or 0, set())
        for channel, user, contact in names
    ]


def _whose(session: Session, users: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], set[int]]:
    known = (
        select(Account.channel, Identity.external_id, Identity.contact_id)
        .join(Account, Account.id == Identity.account_id)
        .where(Identity.external_id.in_({user for _, user in users}))
    )
    found: dict[tuple[str, str], set[int]] = {}
    for channel, user, contact in session.execute(known) if users else ():
        found.setdefault((channel, user), set()).add(contact)
    return found


def _selves(session: Session, contacts: Collection[int]) -> Mapping[int, set[int]]:
    """Who these contacts are by now, through however many merges."""
    there = session.scalars(select(Contact.id).where(Contact.id.in_(contacts))) if contacts else ()
    return {contact: {_self_of(session, contact)} for contact in there}


def _self_of(session: Session, contact: int) -> int:
    merged = select(ContactMerge.kept_id).where(ContactMerge.merged_id == contact, ContactMerge.undone_at.is_(None))
    kept = session.scalar(merged)
    return _self_of(session, kept) if kept is not None else contact


def identities() -> Select[Identity]:
    """Everybody whom they are at the platforms."""
    held = _all_held().subquery()
    return select(Identity).options(joinedload(Identity.account)).where(Identity.contact_id.in_(select(held.c[0])))


def every(session: Session) -> Iterator[Identity]:
    """The same, page by page."""
    last = 0
    while rows := session.scalars(identities().where(Identity.id > last).order_by(Identity.id).limit(PAGE)).all():
        yield from rows
        last = rows[-1].id
