"""The phone's side: what a customer does becomes a bubble on the phone and a webhook event for the bot."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from bot.clock import now
from bot.errors import Refused
from bot.messages import printable, utf16_units
from bot.simulator import events
from bot.simulator.store import Bubble, Content, Customer, Delivery, show

TEXT_UNITS = 10_000
FILE_BYTES = 10_000_000
UNSEND_WITHIN = timedelta(hours=24)
OTHER = "application/octet-stream"
KINDS = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF8", "image/gif"),
    (4, b"ftyp", "video/mp4"),
)


def send_text(session: Session, customer_id: str, text: str) -> Bubble:
    text = printable(text)
    if not text.strip():
        raise Refused("訊息是空的。")
    if utf16_units(text) > TEXT_UNITS:
        raise Refused("訊息太長，請分成幾則傳送。")
    return _say(session, customer_id, {"type": "text", "text": text})


def send_sticker(session: Session, customer_id: str, package_id: str, sticker_id: str, words: str) -> Bubble:
    sticker = {"type": "sticker", "packageId": package_id, "stickerId": sticker_id}
    return _say(session, customer_id, sticker | {"stickerResourceType": "STATIC", "keywords": [words]})


def send_location(session: Session, customer_id: str, place: dict[str, Any]) -> Bubble:
    location = {
        "type": "location",
        "title": printable(place["title"]),
        "address": printable(place["address"]),
    }
    point = {"latitude": float(place["latitude"]), "longitude": float(place["longitude"])}
    return _say(session, customer_id, location | point)


def send_file(session: Session, customer_id: str, data: bytes, name: str = "") -> Bubble:
    """A picture, a film, or any other file, told from each other by their first bytes."""
    limit_file(len(data))
    if not data:
        raise Refused("這個檔案是空的。")
    mime = next((mime for at, magic, mime in KINDS if data[at:].startswith(magic)), OTHER)
    bubble = _say(session, customer_id, _as_message(mime, printable(name), len(data)))
    session.add(Content(message_id=bubble.message_id, mime=mime, data=data))
    return bubble


def _as_message(mime: str, name: str, size: int) -> dict[str, Any]:
    kind = mime.partition("/")[0]
    if kind == "image":
        return {"type": "image", "contentProvider": {"type": "line"}}
    if kind == "video":
        return {"type": "video", "duration": 1000, "contentProvider": {"type": "line"}}
    return {"type": "file", "fileName": name or "file", "fileSize": size}


def limit_file(size: int) -> None:
    """Refuse a file by its size, if possible before it is read."""
    if size > FILE_BYTES:
        raise Refused("檔案太大，上限是 10 MB。")


def postback(session: Session, customer_id: str, data: str, display_text: str) -> Bubble | None:
    """A tapped button: its data goes to the bot; its text, if it has one, is shown but is no message."""
    customer = _present(session, customer_id)
    bubble = _bubble(session, customer, {"type": "text", "text": display_text}) if display_text else None
    told = _tell(session, customer, "postback", postback={"data": data[:300]})
    told.message_id = bubble.message_id if bubble else None
    return bubble


def unsend(session: Session, message_id: str) -> Bubble:
    bubble = session.query(Bubble).filter_by(message_id=message_id, mine=True, unsent_at=None).one_or_none()
    if bubble is None or bubble.at < now() - UNSEND_WITHIN:
        raise Refused("這則訊息不能收回了。")
    customer = _present(session, bubble.customer_id)
    bubble.unsent_at, bubble.body = now(), {"type": "unsent"}
    session.execute(delete(Content).where(Content.message_id == message_id))
    show(customer, bubble)
    _tell(session, customer, "unsend", answerable=False, unsend={"messageId": message_id})
    return bubble


def block(session: Session, customer_id: str) -> None:
    customer = _present(session, customer_id)
    _tell(session, customer, "unfollow", answerable=False)
    customer.blocked_at, customer.loading_until = now(), None


def unblock(session: Session, customer_id: str) -> None:
    customer = _customer(session, customer_id)
    if customer.blocked_at is not None:
        customer.blocked_at = None
        _tell(session, customer, "follow", follow={"isUnblocked": True})


def clear(session: Session, customer_id: str) -> None:
    """Empty the phone's screen. The bot learns nothing of it, as with LINE."""
    ours = Bubble.customer_id == customer_id
    shown = session.query(Bubble.message_id).where(ours).scalar_subquery()
    session.execute(delete(Content).where(Content.message_id.in_(shown)))
    session.execute(delete(Bubble).where(ours))


def _say(session: Session, customer_id: str, body: dict[str, Any]) -> Bubble:
    customer = _present(session, customer_id)
    bubble = _bubble(session, customer, body)
    tokens = {"quoteToken": events.token(), "markAsReadToken": events.token()}
    told = _tell(session, customer, "message", message={"id": bubble.message_id, **body, **tokens})
    told.message_id = bubble.message_id
    return bubble


def _bubble(session: Session, customer: Customer, body: dict[str, Any]) -> Bubble:
    bubble = Bubble(customer_id=customer.id, message_id=events.message_id(), mine=True, body=body)
    show(customer, bubble)
    session.add(bubble)
    session.flush()
    return bubble


def _tell(session: Session, customer: Customer, kind: str, *, answerable: bool = True, **properties: Any) -> Delivery:
    reply_token = events.token() if answerable else None
    event = events.event(kind, customer.id, reply_token=reply_token, **properties)
    delivery = Delivery(customer_id=customer.id, event_id=event["webhookEventId"], event=event, reply_token=reply_token)
    session.add(delivery)
    return delivery


def _customer(session: Session, customer_id: str) -> Customer:
    customer = session.get(Customer, customer_id)
    if customer is None:
        raise Refused("沒有這位顧客。")
    return customer


def _present(session: Session, customer_id: str) -> Customer:
    customer = _customer(session, customer_id)
    if customer.blocked_at is not None:
        raise Refused("您已封鎖這個帳號，解除封鎖後才能傳訊息。")
    return customer
