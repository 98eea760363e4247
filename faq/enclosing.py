"""The file of a reply template: a picture or another file that goes with the reply. Looked at as every file that
colleagues send is, and copied into the reply when an agent takes the template.

The row comes first and belongs to its template when the file is there: what broke off, or was taken away, goes again
within the hour.
"""

from collections.abc import Mapping, Sequence
from typing import IO

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot import attachments, journal
from bot.attachments import fetching, uploading
from bot.attachments.looking import Look
from bot.errors import Refused
from bot.services import Services
from bot.sweeper import every
from bot.transactions import transact
from faq.articles import pictures
from faq.models import ReplyTemplate, TemplateFile

BYTES = 10_000_000
LONGEST = 120
PATH = "/content/templates/files/"

log = structlog.get_logger()


def take_in(current: Services, name: str, file: IO[bytes], by: int) -> int:
    """Keep a file for a template, to be enclosed; Refused where nobody should send it."""
    found, named = _looked(file), name.replace("\\", "/").rpartition("/")[2].strip()[:LONGEST]
    begun = TemplateFile(name=named, picture=found.picture is not None, user_id=by)
    transact(current.sessions, lambda session: session.add(begun))
    try:
        fetching.keep(attachments.store(current.settings), begun.key, file, found)
    except OSError as error:
        log.error("template.file_not_kept", error=type(error).__name__, errno=error.errno)
        raise Refused("現在沒有地方存放檔案，請稍後再試。") from error
    return begun.id


def enclose(session: Session, template_id: int, file_id: int, by: int) -> None:
    """It goes with the template from now on, in place of the one before."""
    _let_go(session, template_id, by)
    file = session.get_one(TemplateFile, file_id)
    file.template_id = template_id
    journal.changed(session, "template.changed", {}, {"file": file.name}, by=by, of=template_id)
    _revised(session, template_id, by)


def _looked(file: IO[bytes]) -> Look:
    """What it is; Refused where nobody should send it."""
    found, size = uploading.seen(file)
    if size > BYTES:
        raise Refused("檔案太大，上限是 %(limit)d MB。", limit=BYTES // 1_000_000)
    return found


def leave(session: Session, template_id: int, by: int | None) -> None:
    """The template has no file any more; what was sent with it stays sent."""
    if _let_go(session, template_id, by):
        _revised(session, template_id, by)


def _let_go(session: Session, template_id: int, by: int | None) -> bool:
    """Whether there was one."""
    gone = of(session, [template_id])
    for one in gone.values():
        journal.changed(session, "template.changed", {"file": one.name}, {}, by=by, of=template_id)
    session.execute(update(TemplateFile).where(TemplateFile.template_id == template_id).values(template_id=None))
    return bool(gone)


def _revised(session: Session, template_id: int, by: int | None) -> None:
    """Who saves what was on the screen before is told, as of its words."""
    template = session.get_one(ReplyTemplate, template_id)
    template.revision, template.user_id = template.revision + 1, by


def of(session: Session, templates: Sequence[int]) -> Mapping[int, TemplateFile]:
    """The files of these templates, by template."""
    found = session.scalars(select(TemplateFile).where(TemplateFile.template_id.in_(templates)))
    return {one.template_id: one for one in found if one.template_id is not None}


def shown(session: Session, key: str) -> TemplateFile | None:
    """The picture of this key, unless it was taken away."""
    here = TemplateFile.key == key, TemplateFile.template_id.is_not(None), TemplateFile.picture
    return session.scalars(select(TemplateFile).where(*here)).one_or_none()


def opened(current: Services, file: TemplateFile) -> IO[bytes]:
    """To be read; Refused where it is gone."""
    try:
        return attachments.store(current.settings).open(file.key)
    except FileNotFoundError:
        raise Refused("這個範本的檔案已經不在了，請內容編輯重新上傳。") from None


@every(600)
def forget(current: Services) -> None:
    """What belongs to no template any more, or never did, is removed."""
    pictures.let_go(current, TemplateFile, TemplateFile.template_id)
