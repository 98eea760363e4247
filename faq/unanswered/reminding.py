"""Once a week content staff hear how many questions wait that the bot could not answer; where none do, nobody hears.

A row a week says that it was looked, so no restart tells it twice. To look reads a month of messages: the builder does.
"""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from bot import db, journal, services
from bot.broker import BUILDS
from bot.clock import now
from bot.services import Services
from bot.settings import Settings
from bot.sweeper import every
from bot.transactions import transact
from faq.models import UnansweredWeek
from faq.training import Working
from faq.unanswered.gathering import gather
from faq.unanswered.grouping import grouped

FROM = 9  # o'clock on Mondays
JOB = "faq.unanswered.reminding.look_over"
WAITS = "unanswered.waiting"


@every(60)
def remind(current: Services) -> None:
    """Have the builder look, where nobody has this week; one such job waiting is enough."""
    week = _week(current.settings)
    with db.reading(current.sessions) as session:
        known = session.get(UnansweredWeek, week)
    if known is None and not current.broker.backlog(BUILDS):
        current.broker.enqueue(JOB, queue=BUILDS)


def look_over() -> None:
    """The job."""
    current = services.current()
    week = _week(current.settings)
    with db.reading(current.sessions) as session:
        groups = grouped(gather(session, Working.read(session)))
    messages = sum(len(group.messages) for group in groups)
    transact(current.sessions, lambda session: _tell(session, week, len(groups), messages))


def _week(settings: Settings) -> date:
    """The Monday on which the shop's week began; until it is morning there, last week's goes on."""
    here = now().astimezone(settings.zone) - timedelta(hours=FROM)
    return here.date() - timedelta(days=here.weekday())


def _tell(session: Session, week: date, groups: int, messages: int) -> None:
    """Once, whoever else has just looked as well."""
    db.alone(session)
    if session.get(UnansweredWeek, week) is not None:
        return
    session.add(UnansweredWeek(begins=week))
    if groups:
        journal.write(session, WAITS, groups=groups, messages=messages)
