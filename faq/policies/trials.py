"""The rows of trials: asked for, at work, over. One whose worker died is seen by its silence."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import db, journal
from bot.broker import BUILDS, Broker
from bot.clock import now
from bot.errors import Refused
from bot.nlu.pointer import active
from faq.models import PolicyTrial
from faq.policies.checks import mistakes
from faq.policies.drafts import draft, revision, working

JOB = "faq.policies.run"
OVER = ("done", "failed")
SILENT = timedelta(minutes=2)  # after which nobody works on it any more
DAYS = (1, 7, 14, 30, 90)


def ask(session: Session, broker: Broker, seen: int, days: int, *, by: int | None) -> PolicyTrial:
    """Have the builder try the draft on the messages of the last days; Refused, by field, where it has mistakes."""
    db.alone(session)
    before, live, changes = latest(session), active(session), working(session)
    if draft(session) is None or revision(changes) != seen:
        raise Refused("草稿剛剛又改了。看過最新的內容再試跑。")
    if wrong := mistakes(changes):
        raise wrong[0]
    if before and before.state not in OVER and not lost(before):
        raise Refused("正在試跑，等它跑完再試。")
    beside = {"release_id": live.id if live else None, "version": (live.policy_id if live else None) or 0}
    trial = PolicyTrial(changes=changes, days=days if days in DAYS else DAYS[1], user_id=by, **beside)
    session.add(trial)
    session.flush()
    journal.write(session, "policy.tried", user_id=by, trial_id=trial.id, days=trial.days)
    broker.after_commit(session, JOB, trial.id, queue=BUILDS)
    return trial


def latest(session: Session) -> PolicyTrial | None:
    return session.scalar(select(PolicyTrial).order_by(PolicyTrial.id.desc()).limit(1))


def lost(trial: PolicyTrial) -> bool:
    """Whether its worker has died."""
    return trial.state == "running" and trial.beat_at < now() - SILENT


def tried(session: Session, changes: dict[str, Any]) -> PolicyTrial | None:
    """The last trial, if it was of these very changes, beside the release that is live, and the gate judged it."""
    trial, live = latest(session), active(session)
    if trial is None or live is None or trial.state != "done" or "passed" not in trial.report:
        return None
    return trial if (trial.changes, trial.release_id) == (changes, live.id) else None


def begin(session: Session, trial_id: int) -> PolicyTrial | None:
    """The trial, if it is still to be done."""
    trial = session.get(PolicyTrial, trial_id, with_for_update=True)
    if trial is None or trial.state != "waiting":
        return None
    trial.state, trial.beat_at = "running", now()
    return trial


def reach(session: Session, trial_id: int, done: int, whole: int) -> None:
    """How far it is."""
    trial = session.get_one(PolicyTrial, trial_id)
    if trial.state == "running":
        trial.done, trial.whole, trial.beat_at = done, whole, now()


def end(session: Session, trial_id: int, state: str, report: dict[str, Any]) -> None:
    """It is over; what was given up meanwhile stays so."""
    trial = session.get_one(PolicyTrial, trial_id, with_for_update=True)
    if trial.state not in OVER:
        trial.state, trial.report, trial.ended_at = state, report, now()
