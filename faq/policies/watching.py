"""Looks after trials: one whose job was lost with Redis is begun, one whose worker died is given up and says so."""

from functools import partial

from sqlalchemy import select

from bot import db
from bot.broker import BUILDS
from bot.services import Services
from bot.sweeper import every
from bot.transactions import transact
from faq.models import PolicyTrial
from faq.policies import trials


@every(15)
def look(current: Services) -> None:
    with db.reading(current.sessions) as session:
        open_ones = session.scalars(select(PolicyTrial).where(PolicyTrial.state.not_in(trials.OVER))).all()
    for trial in open_ones:
        if trials.lost(trial):
            died = partial(trials.end, trial_id=trial.id, state="failed", report={"error": "died"})
            transact(current.sessions, died)
        elif trial.state == "waiting" and not current.broker.backlog(BUILDS):
            current.broker.enqueue(trials.JOB, trial.id, queue=BUILDS)  # whoever comes second finds it begun
