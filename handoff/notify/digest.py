"""The morning's list for the staff's rooms: what is nearly due, and what comes first today. Once a day."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import db
from bot.clock import now
from bot.services import Services
from bot.transactions import transact
from handoff import clocks
from handoff.clocks import Owed
from handoff.models import LIVE, Notice, Ticket
from handoff.notify import reading, telling, words
from handoff.notify.rules import QUIETLY, URGENT_LEVEL, Rule
from handoff.notify.telling import Matter

RULE = Rule((), (), QUIETLY, watched=False, group=True)
LATEST = timedelta(hours=3)  # a list of the morning is of no use in the afternoon
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
    live = session.scalars(select(Ticket).where(Ticket.state.in_(LIVE)).order_by(Ticket.level, Ticket.id)).all()
    due = clocks.next_due(session)
    first = [ticket for ticket in live if _comes_first(ticket, due.get(ticket.id))]
    near = {id_ for id_, owed in due.items() if owed.due < now() + SOON} - {ticket.id for ticket in first}
    soon = sorted((ticket for ticket in live if ticket.id in near), key=lambda ticket: due[ticket.id])
    lines = [*_section("今日應優先處理", first, due, current), *_section("即將逾時", soon, due, current)]
    return "\n".join(lines) or "目前沒有即將逾時或需要優先處理的案件。"


def _section(title: str, tickets: Sequence[Ticket], due: Mapping[int, Owed], current: Services) -> list[str]:
    if not tickets:
        return []
    more = [f"…另外 {len(tickets) - LINES} 件"] if len(tickets) > LINES else []
    return [
        f"【{title}】{len(tickets)} 件",
        *(_line(ticket, due.get(ticket.id), current) for ticket in tickets[:LINES]),
        *more,
    ]


def _line(ticket: Ticket, owed: Owed | None, current: Services) -> str:
    when = "等顧客"
    if owed is not None:
        label = "已逾時" if owed.due < now() else "期限"
        when = words.until(owed.due, owed.kind, current.settings.zone, label)
    owner = ticket.assignee.name if ticket.assignee else "還沒有人"
    return f"{ticket.number} {ticket.level} {when}・{owner}"


def _comes_first(ticket: Ticket, owed: Owed | None) -> bool:
    """What is urgent by its level, late already, or came back."""
    return ticket.level == URGENT_LEVEL or ticket.reopened > 0 or (owed is not None and owed.due < now())
