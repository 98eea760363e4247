"""Who writes to us: accounts, identities and contacts, found or made without racing."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Row, Table, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from bot.clock import now
from bot.db import Base
from bot.models import Account, Contact, Identity
from bot.ports import Profile

ONE = (literal(1),)


def insert_missing(
    session: Session, table: type[Base], *rows: dict[str, object], returning: tuple[Any, ...] = ()
) -> Sequence[Row[Any]]:
    """Insert rows, leaving out those that a unique index knows already; `returning` of the new ones (or 1 each)."""
    statement = _insert_missing(session.get_bind().dialect.name, table, returning or ONE)
    return session.execute(statement, list(rows)).all()


@lru_cache(maxsize=16)
def _insert_missing(dialect: str, table: type[Base], returning: tuple[Any, ...]) -> ReturningInsert[Any]:
    own = sqlite if dialect == "sqlite" else postgresql
    insert: ReturningInsert[Any] = (
        own.insert(cast(Table, table.__table__)).on_conflict_do_nothing().returning(*returning)
    )
    return insert


def account_id(session: Session, channel: str, external_id: str) -> int:
    """The account's id; an account that we see for the first time is made."""
    find = select(Account.id).where(Account.channel == channel, Account.external_id == external_id)
    known = session.scalar(find)
    if known is None:
        insert_missing(session, Account, {"channel": channel, "external_id": external_id})
        known = session.scalars(find).one()
    return known


def contact_id(session: Session, account: int, external_id: str) -> int:
    """The contact behind a user id of an account. Two accounts never share an identity by accident."""
    find = select(Identity.contact_id).where(Identity.account_id == account, Identity.external_id == external_id)
    known = session.scalar(find)
    if known is not None:
        return known
    contact = Contact()
    session.add(contact)
    session.flush()
    row = {"account_id": account, "contact_id": contact.id, "external_id": external_id}
    if not insert_missing(session, Identity, row):  # another process was first: its contact stands
        session.delete(contact)
    return session.scalars(find).one()


def remember_profile(person: Identity, profile: Profile) -> None:
    """Keep what the platform tells of a person; a name that we have is not overwritten by nothing."""
    person.profile_at = now()
    if profile.name:
        person.contact.name = profile.name[:120]
    if profile.language:
        person.contact.language = profile.language[:16]
