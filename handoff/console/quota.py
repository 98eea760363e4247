"""How much of an account's monthly pushes is used, and how long the rest will do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import now
from bot.models import Account
from bot.outbox.quota import MONTHS_OF

NEAR, HIGH = 80, 90
ENOUGH_DAYS = 3


@dataclass(frozen=True)
class Gauge:
    """An account's pushes of this month. `runs_out`: the day on which they end at this pace, if they do."""

    account: Account
    limit: int
    used: int
    at: datetime
    runs_out: date | None

    @property
    def left(self) -> int:
        return max(0, self.limit - self.used)

    @property
    def percent(self) -> int:
        """Rounded down: 100 means that none is left."""
        return 100 * self.used // self.limit if self.limit else 100

    @property
    def level(self) -> str:
        percent = self.percent
        return "out" if percent >= 100 else "high" if percent >= HIGH else "near" if percent >= NEAR else "calm"


def gauges(session: Session) -> list[Gauge]:
    """Of the accounts that have a limit which is known."""
    accounts = session.scalars(select(Account).where(Account.quota_limit.is_not(None)).order_by(Account.id))
    return [gauge for account in accounts if (gauge := _gauge(account)) is not None]


def paused(session: Session) -> Sequence[Account]:
    """The accounts that may only reply for now."""
    return session.scalars(select(Account).where(Account.push_paused_until > now()).order_by(Account.id)).all()


def _gauge(account: Account) -> Gauge | None:
    limit, used, at = account.quota_limit, account.quota_used, account.quota_at
    if limit is None or used is None or at is None:
        return None
    return Gauge(account, limit, used, at, runs_out(used, limit, at))


def runs_out(used: int, limit: int, at: datetime) -> date | None:
    """The day on which the rest is used up at this month's pace; None where it lasts, or it is too early to tell."""
    local = at.astimezone(MONTHS_OF)
    begin = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    gone = local - begin
    if gone < timedelta(days=ENOUGH_DAYS) or not 0 < used < limit:
        return None
    end = local + gone * ((limit - used) / used)
    return end.date() if (end.year, end.month) == (local.year, local.month) else None
