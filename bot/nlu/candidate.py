"""A release of other sentences than the shipped ones: it is made and kept, and becomes active only if somebody says so.

Its sentences lie beside what was learned from them, since the servers that learn the same may come much later; and
what staff had changed to get them, so that they can go back to it.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db import Sessions
from bot.errors import ContentError
from bot.matrix import Policy, answered
from bot.models import PolicyVersion, Release
from bot.nlu import policy, release, shipped
from bot.nlu.model import Model
from bot.nlu.release import EDITS, SENTENCES
from bot.nlu.training_data import Example, read_jsonl
from bot.settings import Settings

Edits = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Lesson:
    """What a release is made of: the sentences, what staff changed to get them, and the version of the policy."""

    examples: Sequence[Example]
    edits: Edits
    version: PolicyVersion | None

    @property
    def changes(self) -> dict[str, Any]:
        return self.version.changes if self.version else {}

    @property
    def rules(self) -> policy.Rules:
        return policy.made(self.changes)


def learned(settings: Settings, lesson: Lesson) -> str:
    """Names what a model of this lesson would have learned; without a change it is what is shipped."""
    rules = lesson.rules[0]
    if not lesson.edits and _acts(rules) == _acts(policy.shipped()[0]):
        return release.digest(settings)
    parts = release.digest(settings), release.lines(lesson.examples), _acts(rules)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _acts(rules: Policy) -> str:
    """What a training takes from the policy: what is answered, and which intents are of one category."""
    categories = {name: own.category for name, own in rules.intents.items()}
    return json.dumps([sorted(answered(rules)), categories], sort_keys=True)


def known(session: Session, settings: Settings, wanted: str) -> Release | None:
    """A release that has learned this already, if its artefact is whole."""
    alike = select(Release).where(Release.learned == wanted).order_by(Release.id)
    return next((found for found in session.scalars(alike) if release.usable(settings, found)), None)


def keep(settings: Settings, sessions: Sessions, model: Model, metrics: dict[str, Any], lesson: Lesson) -> int:
    """The id of the new release: complete, and not active."""
    with release.alone(settings):
        aside = Path(tempfile.mkdtemp(prefix=".new-", dir=settings.data / "releases"))
        try:
            release.write(model, metrics, aside, lesson.examples, lesson.edits)
            aside.chmod(0o755)
            with sessions.begin() as session:
                return _placed(session, settings, metrics, lesson, aside)
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def _placed(session: Session, settings: Settings, metrics: dict[str, Any], lesson: Lesson, aside: Path) -> int:
    """Row and folder together; a row whose folder was harmed gets a new one."""
    taught = learned(settings, lesson)
    wanted = release.named(taught, lesson.changes)
    row = session.scalar(select(Release).where(Release.digest == wanted)) or Release(digest=wanted)
    ground = release.ground(session)
    row.learned, row.metrics, row.model_id = taught, metrics, None
    row.base = ground.learned if ground else release.digest(settings)
    version = numbered(session, lesson.version)
    row.policy_id = version.id if version else None
    session.add(row)
    session.flush()
    release.place(aside, release.folder(settings, row.id))
    return row.id


def numbered(session: Session, version: PolicyVersion | None) -> PolicyVersion | None:
    """The version of a lesson as a row; one that was made up for it gets its number here."""
    if version is None or version.id:
        return version
    made = PolicyVersion(changes=version.changes)
    session.add(made)
    session.flush()
    return made


def sentences(settings: Settings, found: Release) -> list[Example]:
    """What a release has learned from; ContentError where nobody can tell any more.

    What was made of the shipped files did not always keep them; then those that are shipped now are the nearest.
    """
    home = release.home(settings, found)
    if not (home / SENTENCES).exists() and not (home / EDITS).exists() and release.loads(home):
        return shipped.examples()
    try:
        return read_jsonl(home / SENTENCES)
    except OSError as error:
        raise ContentError(f"release {found.id}: {SENTENCES} cannot be read ({type(error).__name__})") from error


def edits(settings: Settings, found: Release) -> Edits:
    """What staff had changed of the shipped sentences in it; ContentError where nobody can tell any more."""
    home = release.home(settings, found)
    if not (home / SENTENCES).exists() and release.loads(home):
        return []
    try:
        changed: Edits = json.loads((home / EDITS).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ContentError(f"release {found.id}: {EDITS} cannot be read ({type(error).__name__})") from error
    return changed
