"""The rows of builds: asked for, at work, over. One at a time; one whose worker died is seen by its silence."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot import db, journal
from bot.broker import BUILDS, Broker
from bot.clock import now
from bot.db import Sessions
from bot.errors import Refused
from bot.models import User
from bot.nlu import release
from bot.nlu.pointer import active
from bot.transactions import fault, transact
from faq import training
from faq.models import Build
from faq.training import Working

OVER = ("passed", "refused", "failed")
SILENT = timedelta(minutes=2)  # after which nobody works on it any more
BEAT = 10.0  # seconds
DIED = {"error": "died"}  # the report of one whose worker was given up
JOB = "faq.releases.build"
log = structlog.get_logger()


def ask(session: Session, broker: Broker, *, note: str, by: int | None) -> Build:
    """Have the builder make a release of the sentences as they are; Refused while another one is being made."""
    db.alone(session)
    before = newest(session)
    if before and before.state not in OVER and not lost(before):
        raise Refused("%(who)s 已經在建立版本，等它好了再建立。", who=_name(session, before.user_id))
    working = Working.read(session)
    if not working.edits and _as_shipped(session):
        raise Refused("草稿和出廠的例句一樣，沒有東西可以建立。先到「意圖」改例句。")
    build = Build(note=note.strip()[:200], sentences=working.digest, user_id=by)
    session.add(build)
    session.flush()
    journal.write(session, "release.asked", user_id=by, build_id=build.id)
    broker.after_commit(session, JOB, build.id, queue=BUILDS)
    return build


def ask_without(session: Session, broker: Broker, key: str, *, by: int | None) -> Build:
    """The same once more, without this edit; Refused where it is gone already, or where nothing would be left."""
    line = Working.read(session).by_key.get(key)
    if not training.take_back(session, key, by=by):
        raise Refused("這句修改已經不在草稿裡了，直接按「建立版本」。")
    return ask(session, broker, note=f"− {line.text}" if line else "", by=by)


def _as_shipped(session: Session) -> bool:
    """Whether what is live has learned from the files that are shipped now, and from nothing else."""
    live, ground = active(session), release.ground(session)
    return live is None or ground is None or live.learned == ground.learned


def newest(session: Session) -> Build | None:
    return session.scalar(select(Build).order_by(Build.id.desc()).limit(1))


def latest(session: Session, count: int) -> Sequence[Build]:
    """The builds asked for last, the newest first."""
    return session.scalars(select(Build).order_by(Build.id.desc()).limit(count)).all()


def lost(build: Build) -> bool:
    """Whether its worker has died."""
    return build.state not in OVER and build.state != "waiting" and build.beat_at < now() - SILENT


def begin(session: Session, build_id: int) -> Working | None:
    """The sentences to build from, frozen now; nothing where the build has begun already."""
    build = session.get(Build, build_id, with_for_update=True)
    if build is None or build.state != "waiting":
        return None
    working = Working.read(session)
    build.state, build.beat_at, build.sentences = "reading", now(), working.digest
    return working


def reach(session: Session, build_id: int, state: str, done: int = 0, whole: int = 0) -> None:
    """How far it is."""
    build = session.get_one(Build, build_id)
    if not _settled(build):
        build.state, build.done, build.whole, build.beat_at = state, done, whole, now()
        build.report, build.ended_at = {}, None


def end(session: Session, build_id: int, state: str, report: dict[str, Any], release_id: int | None = None) -> None:
    """It is over."""
    build = session.get_one(Build, build_id, with_for_update=True)
    if _settled(build):
        return
    build.state, build.report, build.release_id, build.ended_at = state, report, release_id, now()
    journal.write(session, f"release.{state}", user_id=build.user_id, build_id=build.id, release_id=release_id)


def _settled(build: Build) -> bool:
    """Whether nothing more comes. A worker that was given up may only have slept, with its whole machine."""
    return build.state in OVER and build.report != DIED


@contextmanager
def alive(sessions: Sessions, build_id: int) -> Iterator[None]:
    """Within this, others see that somebody works on the build."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(BEAT):
            try:
                transact(sessions, lambda session: _beat(session, build_id))
            except SQLAlchemyError as error:  # the next beat may well be heard
                log.warning("release.beat_missed", build_id=build_id, error=fault(error))

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _beat(session: Session, build_id: int) -> None:
    session.get_one(Build, build_id).beat_at = now()


def _name(session: Session, user_id: int | None) -> str:
    user = session.get(User, user_id) if user_id else None
    return user.name if user else "?"
