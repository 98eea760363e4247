"""Files of a case: what a colleague sends with a reply, and a customer's that could not be had at first."""

from collections.abc import Sequence
from typing import IO

from sqlalchemy.orm import Session

from bot import attachments
from bot.attachments import limits, uploading
from bot.attachments.limits import How
from bot.attachments.looking import Look
from bot.auth import addresses
from bot.errors import Refused
from bot.messages import Media, Outbound
from bot.models import Attachment, Message
from bot.services import Services
from bot.settings import Settings
from bot.transactions import transact
from handoff.tickets import members, records, speaking, transitions

MOST = 5  # files of one reply


def upload(current: Services, ticket_id: int, user_id: int, name: str, file: IO[bytes]) -> Attachment:
    """Keep a file that is to be sent with the next reply."""
    _outside(current.settings)
    found, size = uploading.seen(file)

    def begin(session: Session) -> Attachment:
        return _begin(session, ticket_id, user_id, name, found, size)

    return uploading.keep(current, transact(current.sessions, begin), file, found, size)


def _begin(session: Session, ticket_id: int, user_id: int, name: str, found: Look, size: int) -> Attachment:
    ticket, user = members.take(session, "reply", ticket_id, user_id)
    transitions.permit("reply", ticket)
    members.permit_speaker(session, ticket, user)
    where = speaking.place(session, ticket)
    limits.way(where.account.channel, found, size)
    return uploading.begin(session, where.id, user.id, name, found)


def enclosed(session: Session, user_id: int, ids: Sequence[int]) -> list[Attachment]:
    """The files that go with a reply."""
    if len(ids) > MOST:
        raise Refused("一次最多附加 %(count)d 個檔案。", count=MOST)
    return uploading.unsent(session, user_id, ids) if ids else []


def outbound(settings: Settings, channel: str, file: Attachment) -> Outbound:
    """A file as this channel's customers get it."""
    how = limits.way(channel, Look(file.type, file.shown), file.size)
    if how == "link":
        return Outbound(f"{file.name or '檔案'}\n{_address(settings, file)}")
    return Outbound("", media=_media(settings, how, file))


def _media(settings: Settings, how: How, file: Attachment) -> Media:
    whole, small = _address(settings, file), _address(settings, file, addresses.SMALL)
    return Media("video" if how == "video" else "image", whole, small)


def bind(files: Sequence[Attachment], messages: Sequence[Message]) -> None:
    """Each file to the message that carries it, where the message was said."""
    for file, message in zip(files, messages, strict=True):
        file.message, file.conversation_id = message, message.conversation_id
        message.kind, message.text = file.kind, file.name


def _address(settings: Settings, file: Attachment, copy: str = addresses.WHOLE) -> str:
    """Where a phone or its platform fetches a file."""
    return f"{_outside(settings)}/files/{addresses.signed(settings, file.id, copy, addresses.ON_A_PHONE)}"


def _outside(settings: Settings) -> str:
    """Our address as phones reach it; Refused where they cannot."""
    if not settings.outside:
        raise Refused("還不能傳檔案給顧客：請管理員把 PUBLIC_URL 設成 https:// 開頭的網址。")
    return settings.outside


def fetch_again(session: Session, ticket_id: int, user_id: int, attachment_id: int) -> Attachment:
    """Whoever has the case has a customer's file that was given up tried once more."""
    ticket, user = records.take(session, "note", ticket_id, user_id)
    transitions.permit_owner(ticket, user)
    found = session.get(Attachment, attachment_id)
    if found is None or found.conversation_id not in [one.id for one in records.threads(session, ticket)]:
        raise Refused("找不到這個檔案。")
    return attachments.retry(session, attachment_id, user_id)
