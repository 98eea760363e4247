"""What was not seen in time is told to somebody else as well: the lead, and where the lead does not look, the head."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bot import db
from bot.clock import now
from bot.services import Services
from bot.transactions import transact
from handoff.models import LIVE, Notice
from handoff.notify import telling
from handoff.notify.rules import RULES
from handoff.notify.staff import Staff
from handoff.notify.telling import Matter

LIMIT = 100


def call(current: Services) -> None:
    """Tell the backups of what is overdue."""
    with db.reading(current.sessions) as session:
        overdue = session.scalar(select(Notice.id).where(Notice.backup_at <= now()).limit(1))
    if overdue is not None:
        transact(current.sessions, lambda session: _call(session, current))


def _call(session: Session, current: Services) -> None:
    staff = Staff(session, current)
    overdue = (
        select(Notice)
        .where(Notice.backup_at <= now())
        .limit(LIMIT)
        .options(joinedload(Notice.ticket), joinedload(Notice.entry))
        .with_for_update(of=Notice, skip_locked=True)
    )
    for notice in session.scalars(overdue).all():
        notice.backup_at = None
        if notice.seen_at is None and (notice.ticket is None or notice.ticket.state in LIVE):
            _tell(session, current, staff, notice)


def _tell(session: Session, current: Services, staff: Staff, notice: Notice) -> None:
    """Those who know already are not told again."""
    who = staff.around(notice.ticket, notice.facts)
    knows = set(session.scalars(select(Notice.user_id).where(Notice.entry_id == notice.entry_id)))
    backups = who.backups(notice.user_id or 0) & staff.active - knows
    matter = Matter(notice.kind, RULES[notice.kind], notice.ticket, now(), notice.entry, notice.facts, notice)
    telling.tell(session, current, staff, matter, backups)
