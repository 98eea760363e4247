"""The morning's list for the staff's rooms: what is nearly due, what comes first today, and who would hear of nothing.
Once a day, in the house's language: several read it.
"""

from datetime import datetime, time, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bot import db
from bot.clock import now
from bot.services import Services
from bot.tongues import HOUSE, speak
from bot.transactions import transact
from handoff.clocks import pressing
from handoff.models import Clock, Notice, Ticket
from handoff.notify import reach, reading, telling, words
from handoff.notify.rules import QUIETLY, Rule
from handoff.notify.telling import Matter

RULE = Rule((), (), QUIETLY, watched=False, group=True)
LATEST = timedelta(hours=3)  # a list of the morning is of no use in the afternoon
_ = speak(HOUSE)
SOON = timedelta(hours=4)
LINES = 15


def send(current: Services) -> None:
    """Write today's list down, when its time has come and nobody has."""
    begins = _begins(current)
    if begins is None or not begins <= now() < begins + LATEST:
        return
    with db.reading(current.sessions) as session:
        done = _done(session, begins)
    if not done:
        transact(current.sessions, lambda session: _send(session, current, begins))


def _begins(current: Services) -> datetime | None:
    """When today's list is due; None where nobody wants one."""
    settings = current.settings
    if not settings.digest_at or not (settings.chat_urls or settings.line_group_id):
        return None
    today = now().astimezone(settings.zone).date()
    return datetime.combine(today, time.fromisoformat(settings.digest_at), settings.zone)


def _done(session: Session, begins: datetime) -> bool:
    return session.scalar(select(Notice.id).where(Notice.key == f"{_matter(begins, '').key}:group")) is not None


def _send(session: Session, current: Services, begins: datetime) -> None:
    reading.hold(session)  # of two tickers one writes it
    if not _done(session, begins):
        telling.tell_group(session, current, _matter(begins, written(session, current)))


def _matter(begins: datetime, text: str) -> Matter:
    return Matter("digest", RULE, None, begins, facts={"text": text})


def written(session: Session, current: Services) -> str:
    """Both lists, each case in one of them only."""
    at = now()
    first = pressing.comes_first(at)
    near = pressing.is_near(at, SOON) & ~first
    counts = pressing.tally(session, first, near)
    lines = [
        *_section(session, _("今日應優先處理"), pressing.cases(first, pressing.WORST_FIRST, LINES), counts[0], current),
        *_section(session, _("即將逾時"), pressing.cases(near, pressing.SOONEST_FIRST, LINES), counts[1], current),
    ]
    return "\n".join([*(lines or [_("目前沒有即將逾時或需要優先處理的案件。")]), *_unreached(session, current)])


def _unreached(session: Session, current: Services) -> list[str]:
    """Whom no medium reaches while the console is closed: the room may tell them, where nothing else does."""
    names = [person.user.name for person in reach.look(session, current).people]
    more = [_("另外 %(n)s 人", n=len(names) - LINES)] if len(names) > LINES else []
    told = _("【關掉工作台就收不到通知】%(names)s", names="、".join([*names[:LINES], *more]))
    return [told] if names else []


def _section(session: Session, title: str, wanted: Select[Ticket], count: int, current: Services) -> list[str]:
    tickets = session.scalars(wanted).all()
    if not tickets:
        return []
    promised = pressing.soonest(session, [ticket.id for ticket in tickets])
    more = [_("…另外 %(n)s 件", n=count - LINES)] if count > LINES else []
    head = _("【%(title)s】%(n)s 件", title=title, n=count)
    return [head, *(_line(ticket, promised.get(ticket.id), current) for ticket in tickets), *more]


def _line(ticket: Ticket, clock: Clock | None, current: Services) -> str:
    when = _("等顧客")
    if clock is not None and clock.due_at is not None:
        label = _("已逾時") if clock.due_at < now() else _("期限")
        when = words.until(clock.due_at, clock.kind, current.settings.zone, label, _)
    owner = ticket.assignee.name if ticket.assignee else _("還沒有人")
    return f"{ticket.number} {ticket.level} {when}・{owner}"
