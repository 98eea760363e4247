"""A release of other sentences than the shipped ones: it is made and kept, and becomes active only if somebody says so.

Its sentences lie beside what was learned from them, since the servers that learn the same may come much later.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db import Sessions
from bot.errors import ContentError
from bot.models import Release
from bot.nlu import release
from bot.nlu.model import Model
from bot.nlu.training_data import Example, read_jsonl
from bot.settings import Settings

SENTENCES = "sentences.jsonl"


def digest(settings: Settings, examples: Sequence[Example]) -> str:
    """Names what a model of these sentences would be made of."""
    return hashlib.sha256(f"{release.digest(settings)}\0{_lines(examples)}".encode()).hexdigest()


def known(session: Session, settings: Settings, wanted: str) -> Release | None:
    """The release with this digest, if its artefact is whole."""
    found = session.scalar(select(Release).where(Release.digest == wanted))
    return found if found and release.loads(release.folder(settings, found.id)) else None


def keep(
    settings: Settings, sessions: Sessions, model: Model, metrics: dict[str, Any], examples: Sequence[Example]
) -> int:
    """The id of the new release: complete, and not active."""
    with release.alone(settings):
        aside = Path(tempfile.mkdtemp(prefix=".new-", dir=settings.data / "releases"))
        try:
            release.write(model, metrics, aside)
            (aside / SENTENCES).write_text(_lines(examples), "utf-8")
            aside.chmod(0o755)
            with sessions.begin() as session:
                return _placed(session, settings, metrics, examples, aside)
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def _placed(
    session: Session, settings: Settings, metrics: dict[str, Any], examples: Sequence[Example], aside: Path
) -> int:
    """Row and folder together; a row whose folder was harmed gets a new one."""
    wanted = digest(settings, examples)
    row = session.scalar(select(Release).where(Release.digest == wanted)) or Release(digest=wanted)
    row.metrics, row.base = metrics, release.digest(settings)
    session.add(row)
    session.flush()
    release.place(aside, release.folder(settings, row.id))
    return row.id


def sentences(settings: Settings, found: Release) -> list[Example]:
    """What a release that staff made has learned from; ContentError where nobody can tell any more."""
    path = release.folder(settings, found.id) / SENTENCES
    try:
        return read_jsonl(path)
    except OSError as error:
        raise ContentError(f"release {found.id}: {SENTENCES} cannot be read ({type(error).__name__})") from error


def _lines(examples: Sequence[Example]) -> str:
    rows = ({"text": example.text, "intent": example.intent} for example in examples)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
