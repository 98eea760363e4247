"""The bell of the console: what I was told and have not seen, one line a case."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session, joinedload

from bot.clock import now
from handoff.models import Delivery, Notice
from handoff.notify.telling import WEBHOOK

LIMIT = 200


@dataclass(frozen=True)
class Ring:
    """The newest notice of a case, and how many of them I have not seen."""

    notice: Notice
    unseen: int


def count(session: Session, user_id: int) -> int:
    """The cases (and other matters) with news for me."""
    unseen = select(func.count(func.distinct(func.coalesce(Notice.ticket_id, -Notice.id))))
    return session.scalar(unseen.where(Notice.user_id == user_id, Notice.seen_at.is_(None))) or 0


def rings(session: Session, user_id: int) -> list[Ring]:
    """My latest notices, newest first, collapsed by case."""
    mine = select(Notice).where(Notice.user_id == user_id).order_by(Notice.id.desc()).limit(LIMIT)
    found: dict[int, list[Notice]] = {}
    for notice in session.scalars(mine.options(joinedload(Notice.ticket))):
        found.setdefault(notice.ticket_id or -notice.id, []).append(notice)
    return [Ring(notices[0], sum(n.seen_at is None for n in notices)) for notices in found.values()]


def see(session: Session, user_id: int, ticket_id: int | None = None) -> int:
    """I have seen them: those of a case, or all; how many there were."""
    mine = update(Notice).where(Notice.user_id == user_id, Notice.seen_at.is_(None))
    if ticket_id is not None:
        mine = mine.where(Notice.ticket_id == ticket_id)
    return len(session.scalars(mine.values(seen_at=now(), backup_at=None).returning(Notice.id)).all())


def unseen(session: Session, user_id: int, ticket_id: int) -> bool:
    """Whether a case has news for me."""
    mine = select(Notice.id).where(Notice.user_id == user_id, Notice.ticket_id == ticket_id, Notice.seen_at.is_(None))
    return session.scalar(mine.limit(1)) is not None


def of_case(session: Session, ticket_id: int, shown: ColumnElement[bool], limit: int = 12) -> Sequence[Notice]:
    """Who of the staff was told of a case, as far as it is shown, newest first, with what became of it."""
    to_programs = Notice.deliveries.any(Delivery.medium == WEBHOOK)
    told = select(Notice).where(Notice.ticket_id == ticket_id, ~to_programs, shown)
    told = told.order_by(Notice.id.desc()).limit(limit)
    return session.scalars(told.options(joinedload(Notice.user), joinedload(Notice.deliveries))).unique().all()
