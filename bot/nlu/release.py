"""Releases of the understanding: which is active, and making the first from the shipped files.

An artefact is complete before anybody can find it: it is written aside, then row, folder and pointer appear
together. Two who train at once do no harm: a lock makes the second wait, a unique digest makes it give way.
"""

import contextlib
import fcntl
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.clock import now
from bot.db import Sessions, reading
from bot.errors import ContentError
from bot.matrix import answered
from bot.models import Release
from bot.nlu import embedding, shipped
from bot.nlu.model import Model
from bot.nlu.policy import load
from bot.nlu.training import Targets, train
from bot.nlu.training_data import Example
from bot.settings import Settings

Stamp = tuple[Path, tuple[tuple[str, int, int], ...]]
VERSION = "2.5"  # of features and training: a new one makes a new release of the same data
log = structlog.get_logger()


def folder(settings: Settings, release_id: int) -> Path:
    """Where a release's artefact lies."""
    return settings.data / "releases" / str(release_id)


def stamp(home: Path) -> Stamp:
    """Changes whenever the files of an artefact do: the folder, and name, size and time of each file in it."""
    files = sorted(home.iterdir()) if home.is_dir() else []
    return home, tuple((file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files)


def active(session: Session) -> Release | None:
    """The release that understands now: the one activated last."""
    newest = select(Release).where(Release.activated_at.is_not(None))
    return session.scalar(newest.order_by(Release.activated_at.desc(), Release.id.desc()).limit(1))


def digest(settings: Settings) -> str:
    """Names what a model trained now would be made of; one that learned without the embedding is another one."""
    heard = "characters" if embedding.trouble() else "meanings"
    return shipped.digest(f"{VERSION} {settings.wrong_answers} {heard}")


def train_shipped(settings: Settings, sessions: Sessions) -> Release:
    """The release of the shipped files: the one that is there, else trained now and activated."""
    wanted = digest(settings)
    with alone(settings):
        found = _complete(settings, sessions, wanted)
        return _foremost(settings, sessions, found) if found else _make(settings, sessions, wanted)


def _foremost(settings: Settings, sessions: Sessions, found: Release) -> Release:
    """The release, active again if one of other files has been since; what content staff made of these files stays."""
    with sessions.begin() as session:
        newest = active(session)
        release = session.get_one(Release, found.id)
        if newest is None or not (newest.id == release.id or _made_of(settings, newest, release)):
            activate(session, release)
    return release


def _made_of(settings: Settings, newest: Release, shipped_one: Release) -> bool:
    return newest.base == shipped_one.digest and loads(folder(settings, newest.id))


def activate(session: Session, release: Release) -> None:
    """Move the pointer; who understands looks at it once a second."""
    release.activated_at = now()
    log.info("nlu.release_activated", release_id=release.id)


def _complete(settings: Settings, sessions: Sessions, wanted: str) -> Release | None:
    with reading(sessions) as session:
        release = session.scalar(select(Release).where(Release.digest == wanted))
    return release if release and loads(folder(settings, release.id)) else None


def loads(home: Path) -> bool:
    """Whether the artefact in a release's folder is whole."""
    try:
        Model.load(home)
    except ContentError:
        return False
    return True


def learned(settings: Settings, examples: Sequence[Example]) -> tuple[Model, dict[str, Any]]:
    """A model of these sentences, and its figures; nobody uses it yet."""
    policy = load()[0]
    categories = {name: own.category for name, own in policy.intents.items()}
    targets = Targets(answers=settings.wrong_answers)
    return train(examples, answered(policy), categories, targets)


def _make(settings: Settings, sessions: Sessions, wanted: str) -> Release:
    log.info("nlu.training_started", digest=wanted[:12], embedding=embedding.trouble() or "works")
    model, metrics = learned(settings, shipped.examples())
    aside = Path(tempfile.mkdtemp(prefix=".new-", dir=settings.data / "releases"))
    try:
        write(model, metrics, aside)
        aside.chmod(0o755)
        release = _activate(settings, sessions, wanted, metrics, aside)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    log.info("nlu.release_activated", release_id=release.id, accuracy=metrics["accuracy"], sure=metrics["sure"])
    return release


def write(model: Model, metrics: dict[str, Any], home: Path) -> None:
    """Fill a folder with an artefact."""
    model.save(home)
    (home / "metrics.json").write_text(json.dumps(metrics, ensure_ascii=False, indent=1), "utf-8")


def _activate(settings: Settings, sessions: Sessions, wanted: str, metrics: dict[str, Any], aside: Path) -> Release:
    """Row, folder and pointer in one transaction; another machine may have come first with the same digest."""
    try:
        with sessions() as session:
            release = session.scalar(select(Release).where(Release.digest == wanted)) or Release(digest=wanted)
            release.metrics, release.activated_at = metrics, now()
            session.add(release)
            session.flush()
            place(aside, folder(settings, release.id))
            session.commit()
            return release
    except IntegrityError:
        with reading(sessions) as session:
            return session.scalars(select(Release).where(Release.digest == wanted)).one()


def place(aside: Path, home: Path) -> None:
    """Move the artefact home; what lies there without a row is left over from another database."""
    shutil.rmtree(home, ignore_errors=True)
    aside.rename(home)


@contextlib.contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """One trainer a data folder."""
    releases = settings.data / "releases"
    releases.mkdir(parents=True, exist_ok=True)
    with (releases / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
