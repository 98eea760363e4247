"""The account's pushes of this month: while they are used up replies go on and pushes wait; staff are told in time."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from bot import db, journal, services
from bot.broker import SENDS
from bot.clock import after, now
from bot.models import Account, Conversation, OutboxRow
from bot.outbox import once
from bot.ports import Quota
from bot.services import Services
from bot.transactions import transact

LOOK_AGAIN = 900.0
MONTHS_OF = ZoneInfo("Asia/Tokyo")  # LINE counts pushes by the month of this zone
ALARMS = (80, 90, 100)  # per cent; each is told once a month
ALMOST = 90

log = structlog.get_logger()


def held_until(account: Account) -> datetime | None:
    """When a push that must wait for the quota should be looked at again; None where pushes may go."""
    paused = account.push_paused_until
    return min(paused, after(LOOK_AGAIN)) if paused is not None and paused > now() else None


def reached(session: Session, account_id: int) -> None:
    """The platform takes no more pushes this month."""
    account = _locked(session, account_id)
    account.push_paused_until = _next_month()
    _keep(session, account, account.quota_limit, max(account.quota_used or 0, account.quota_limit or 0), alarm=100)
    once.stored(session, lambda: log.warning("quota.reached", account_id=account_id))


def read_all(current: Services) -> None:
    """Have a worker ask the platforms whose figures are old; without Redis, ask here."""
    old = or_(Account.quota_at.is_(None), Account.quota_at < after(-LOOK_AGAIN), Account.quota_at > now())
    with db.reading(current.sessions) as session:
        known = Account.channel.in_(current.wiring.channels)
        accounts = session.scalars(select(Account.id).where(known, old)).all()
    for account_id in accounts:
        if not current.broker.enqueue("bot.outbox.read_quota", account_id, queue=SENDS):
            read(account_id)


def read(account_id: int) -> None:
    """Ask the platform how much is used, and keep it: a job. Where there is room again, pushes go on."""
    current = services.current()
    with db.reading(current.sessions) as session:
        account = session.get_one(Account, account_id)
    gauge = current.wiring.channels[account.channel].quota(account.external_id)
    if gauge is not None and transact(current.sessions, lambda session: _told(session, account_id, gauge)):
        transact(current.sessions, lambda session: _wake(session, account_id))


def _told(session: Session, account_id: int, gauge: Quota) -> bool:
    """Keep what the platform said; True where pushes were paused and may go on."""
    account = _locked(session, account_id)
    resumed = account.push_paused_until is not None and _clear_room(account, gauge)
    _keep(session, account, gauge.limit, gauge.used, alarm=_mark(gauge))
    if resumed:
        account.push_paused_until = None
        journal.write(session, "quota.resumed", account_id=account_id)
    return resumed


def _clear_room(account: Account, gauge: Quota) -> bool:
    """Whether to believe the gauge more than a refusal, behind which it lags: not where it shows a little room."""
    if gauge.limit is None:
        return True
    bought = account.quota_limit is not None and gauge.limit > account.quota_limit
    return _mark(gauge) < ALMOST or (bought and gauge.used < gauge.limit)


def _wake(session: Session, account_id: int) -> None:
    """What waited for the quota is looked at now."""
    of_account = OutboxRow.conversation_id.in_(
        select(Conversation.id).where(Conversation.account_id == account_id).scalar_subquery()
    )
    held = (OutboxRow.state == "queued", OutboxRow.due_at <= now(), OutboxRow.wake_at > now())
    session.execute(update(OutboxRow).where(*held, of_account).values(wake_at=now()))


def _keep(session: Session, account: Account, limit: int | None, used: int, alarm: int) -> None:
    if account.quota_at is None or _month(account.quota_at) != _month(now()):
        account.quota_alarm = 0
    account.quota_limit, account.quota_used, account.quota_at = limit, used, now()
    if alarm > account.quota_alarm:
        account.quota_alarm = alarm
        journal.write(session, "quota.alarm", account_id=account.id, percent=alarm, used=used, limit=limit)
        once.stored(session, lambda: log.warning("quota.alarm", account_id=account.id, percent=alarm))


def _mark(gauge: Quota) -> int:
    """The highest alarm that this calls for."""
    if gauge.limit is None:
        return 0
    return max((mark for mark in ALARMS if gauge.used * 100 >= mark * gauge.limit), default=0)


def _locked(session: Session, account_id: int) -> Account:
    row = select(Account).where(Account.id == account_id).with_for_update()
    return session.scalars(row.execution_options(populate_existing=True)).one()


def _month(at: datetime) -> tuple[int, int]:
    local = at.astimezone(MONTHS_OF)
    return local.year, local.month


def _next_month() -> datetime:
    first = now().astimezone(MONTHS_OF).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)
