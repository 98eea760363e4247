"""What the Messaging API does: send calls with their tokens and retry keys, quota, dots, marks.

Each function joins the caller's transaction; on SQLite that also keeps two uses of one token apart.
"""

import re
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot import clock
from bot.simulator import events, rules
from bot.simulator.rules import LineError
from bot.simulator.store import Bubble, Call, Content, Customer, Delivery, show

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
KEY_REMEMBERED = timedelta(hours=24)
QUOTA = 5_000
PREPARING = timedelta(seconds=2)  # LINE takes longer for a long film


def reply(session: Session, body: dict[str, Any], retry_key: str | None, request_id: str) -> Call:
    """Answer with a reply token: one use, and only while it is young."""
    if retry_key is not None:
        raise LineError(400, "The X-Line-Retry-Key header is not supported for this endpoint")
    messages = rules.check(body)
    delivery = session.query(Delivery).filter_by(reply_token=str(body.get("replyToken"))).one_or_none()
    if delivery is None or not _usable(session, delivery):
        raise LineError(400, "Invalid reply token")
    delivery.token_used_at = clock.now()
    return _send(session, delivery.customer_id, messages, kind="reply", request_id=request_id)


def _usable(session: Session, delivery: Delivery) -> bool:
    fresh = delivery.token_until is not None and delivery.token_until >= clock.now()
    return fresh and delivery.token_used_at is None and _friend(session, delivery.customer_id)


def push(session: Session, body: dict[str, Any], retry_key: str | None, request_id: str) -> Call:
    """Send unasked. A retry key that was accepted already raises the 409 that tells what was sent."""
    if retry_key is not None:
        _first_use(session, retry_key)
    messages = rules.check(body)
    customer_id = str(body.get("to"))
    if session.get(Customer, customer_id) is None:
        raise LineError(400, "Failed to send messages")
    if consumption(session) >= QUOTA:
        raise LineError(429, "You have reached your monthly limit.")
    return _send(session, customer_id, messages, kind="push", request_id=request_id, retry_key=retry_key)


def _first_use(session: Session, retry_key: str) -> None:
    if not UUID.fullmatch(retry_key):
        raise LineError(400, "The retry key is invalid")
    since = clock.now() - KEY_REMEMBERED
    known = session.scalar(select(Call).where(Call.retry_key == retry_key, Call.at > since))
    if known is not None:
        error = LineError(409, "The retry key is already accepted", sentMessages=known.sent)
        error.headers["x-line-accepted-request-id"] = known.request_id
        raise error


def _send(
    session: Session,
    customer_id: str,
    messages: list[dict[str, Any]],
    *,
    kind: str,
    request_id: str,
    retry_key: str | None = None,
) -> Call:
    """Accept the call. Somebody who blocked us gets nothing, and the caller is not told."""
    reached = _friend(session, customer_id)
    sent = [{"id": events.message_id(), "quoteToken": events.token()} for _ in messages]
    counted = kind == "push" and reached
    call = Call(kind=kind, request_id=request_id, retry_key=retry_key, sent=sent, counted=counted)
    session.add(call)
    if reached:
        _arrive(session, customer_id, messages, sent)
    return call


def _arrive(session: Session, customer_id: str, messages: list[dict[str, Any]], sent: list[dict[str, Any]]) -> None:
    customer = session.get_one(Customer, customer_id)
    customer.loading_until = None
    for message, receipt in zip(messages, sent, strict=True):
        sender = (message.get("sender") or {}).get("name") or ""
        ids = {"customer_id": customer_id, "message_id": receipt["id"]}
        bubble = Bubble(mine=False, body=message, sender=sender, **ids)
        show(customer, bubble)
        session.add(bubble)


def _friend(session: Session, customer_id: str) -> bool:
    customer = session.get(Customer, customer_id)
    return customer is not None and customer.blocked_at is None


def profile(session: Session, customer_id: str) -> dict[str, Any]:
    customer = session.get(Customer, customer_id)
    if customer is None or customer.blocked_at is not None:
        raise LineError(404, "Not found")
    return {"displayName": customer.name, "userId": customer.id, "language": customer.language}


def start_loading(session: Session, body: dict[str, Any]) -> None:
    """Show the dots until the next message, at most `loadingSeconds`."""
    seconds = body.get("loadingSeconds", 20)
    if seconds not in range(5, 61, 5):
        raise LineError(400, "'loadingSeconds' must be a multiple of 5 between 5 and 60")
    customer = session.get(Customer, str(body.get("chatId")))
    if customer is None:
        raise LineError(400, "The property, 'chatId', in the request body is invalid")
    if customer.blocked_at is None:
        customer.loading_until = clock.after(seconds)


def mark_as_read(session: Session, body: dict[str, Any]) -> None:
    """Mark the token's message and all before it as read."""
    token = body.get("markAsReadToken")
    marked = Delivery.event["message"]["markAsReadToken"].as_string() == token
    delivery = session.scalar(select(Delivery).where(marked)) if isinstance(token, str) else None
    if delivery is None:
        raise LineError(400, "Invalid mark as read token")
    read(session, delivery)


def read(session: Session, delivery: Delivery) -> None:
    """Show 已讀 at this event's message and all before it."""
    unread = select(Bubble).where(Bubble.customer_id == delivery.customer_id, Bubble.mine, Bubble.read_at.is_(None))
    customer = session.get_one(Customer, delivery.customer_id)
    upto = session.scalar(select(Bubble.id).where(Bubble.message_id == delivery.message_id)) or 0
    for bubble in session.scalars(unread.where(Bubble.id <= upto)):
        bubble.read_at = clock.now()
        show(customer, bubble)


def consumption(session: Session) -> int:
    """Pushes of this month that counted; replies are free."""
    month = clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    counted = select(func.count()).select_from(Call).where(Call.counted, Call.at >= month)
    return session.scalar(counted) or 0


def content(session: Session, message_id: str) -> Content | None:
    """What a customer sent; gone once it was unsent. None: a film is not ready to be fetched yet."""
    found = session.get(Content, message_id)
    bubble = session.query(Bubble).filter_by(message_id=message_id, mine=True).one_or_none()
    if bubble is not None and bubble.unsent_at is not None:
        raise LineError(410, "The content is gone")
    if found is None:
        raise LineError(404, "Not found")
    fresh = bubble is not None and bubble.at > clock.now() - PREPARING
    return None if fresh and found.mime.startswith("video/") else found
