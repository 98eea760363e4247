"""Files that colleagues send: looked at, kept, and bound to the message that carries them.

The row comes first, then the file. Where it broke off, and where nobody sent it within a day, both go again.
"""

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import IO

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import db
from bot.attachments import fetching, pictures, rows, storing
from bot.attachments.looking import Look, Unkept, look
from bot.clock import after, now
from bot.errors import Refused
from bot.models import Attachment
from bot.services import Services
from bot.transactions import transact

KEPT_UNSENT = timedelta(days=1)

log = structlog.get_logger()


def seen(file: IO[bytes]) -> tuple[Look, int]:
    """What somebody wants to send, and its size; Refused where nobody should."""
    try:
        found = look(file)
    except Unkept as unkept:
        raise _refusal(unkept.reason) from unkept
    still = pictures.still() if found.shown == "video" else found.picture  # a platform shows it before the film plays
    return replace(found, picture=still), file.seek(0, io.SEEK_END)


def _refusal(reason: str) -> Refused:
    return Refused("這張圖片的尺寸太大，請縮小後再傳。") if reason == "pixels" else Refused("程式檔不能傳給顧客。")


def begin(session: Session, conversation_id: int, user_id: int, name: str, found: Look) -> Attachment:
    """A place for a file that is about to be kept."""
    row = Attachment(
        conversation_id=conversation_id,
        user_id=user_id,
        name=name.strip()[:200],
        kind=found.shown if found.shown in rows.KINDS else "file",
        state="fetching",
        due_at=after(rows.LEASE),
        wake_at=after(rows.LEASE),
    )
    session.add(row)
    session.flush()
    return row


def keep(current: Services, attachment: Attachment, file: IO[bytes], found: Look, size: int) -> Attachment:
    """Keep it; from then on it may be sent."""
    try:
        fetching.keep(storing.store(current.settings), attachment.key, file, found)
    except OSError as error:
        log.error("attachment.not_kept", attachment_id=attachment.id, error=type(error).__name__, errno=error.errno)
        raise Refused("現在沒有地方存放檔案，請稍後再試。") from error

    def write(session: Session) -> Attachment:
        row = session.get_one(Attachment, attachment.id, with_for_update=True)
        if row.state != "fetching":  # it took so long that somebody thought us dead
            raise Refused("附加的檔案已經不在了，請再附加一次。")
        rows.describe(row, found, size)
        return row

    return transact(current.sessions, write)


def unsent(session: Session, user_id: int, ids: Sequence[int]) -> list[Attachment]:
    """Files that this colleague uploaded, in the order given; Refused where one of them is not there to be sent."""
    found = select(Attachment).where(Attachment.id.in_(ids), Attachment.user_id == user_id)
    free = found.where(Attachment.message_id.is_(None), Attachment.state == "stored").with_for_update()
    known = {row.id: row for row in session.scalars(free)}
    if missing := [one for one in ids if one not in known]:
        log.info("attachment.not_there", attachment_ids=missing)
        raise Refused("附加的檔案已經不在了，請再附加一次。")
    return [known[one] for one in dict.fromkeys(ids)]


def forget_unsent(current: Services) -> None:
    """What nobody sent within a day is removed."""
    old = (Attachment.user_id.is_not(None), Attachment.message_id.is_(None), Attachment.state == "stored")
    wanted = select(Attachment).where(*old, Attachment.created_at < now() - KEPT_UNSENT)
    with db.reading(current.sessions) as session:
        if session.scalar(wanted.limit(1)) is None:
            return

    def leave(session: Session) -> None:
        for row in session.scalars(wanted.with_for_update(skip_locked=True)):
            rows.leave(row)

    transact(current.sessions, leave)
