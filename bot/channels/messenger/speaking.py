"""Saying something on Messenger or Instagram: one message a call, with its key as metadata, within Meta's window."""

from typing import Any

import structlog

from bot import manners
from bot.channels.messenger import cards
from bot.channels.messenger.events import short
from bot.channels.messenger.failures import WINDOW
from bot.channels.messenger.graph import Graph
from bot.channels.messenger.meaning import BRINGS, KEY, SAYS
from bot.channels.values import text_of
from bot.errors import PermanentSendError, SendError
from bot.messages import Button, Outbound
from bot.ports import Parcel

MOST_BUTTONS, LONGEST_TITLE, LONGEST_PAYLOAD = 13, 20, 1000

log = structlog.get_logger()


def send(graph: Graph, channel: str, parcel: Parcel) -> list[str]:
    """One message; the id that Meta gave it, as its echo will name it."""
    [said] = _one(parcel)
    body = {"recipient": {"id": parcel.recipient.id}, **_why(channel, parcel)}
    body["message"] = _message(channel, said) | {"metadata": KEY + parcel.key}
    given = short(text_of(graph.post("me/messages", body).get("message_id")))
    return [given] if given else []


def show_typing(graph: Graph, customer: str) -> None:
    """The dots of somebody who types; they are an ornament, so a failure is logged and nothing more."""
    try:
        graph.post("me/messages", {"recipient": {"id": customer}, "sender_action": "typing_on"})
    except SendError as error:
        log.info("meta.typing_failed", error=type(error).__name__)


def _one(parcel: Parcel) -> list[Outbound]:
    if len(parcel.messages) != 1:
        raise PermanentSendError("Meta takes one message a call")
    return [said.message for said in parcel.messages]


def _why(channel: str, parcel: Parcel) -> dict[str, str]:
    """An answer; after a day's silence only what a person wrote, and said to be that."""
    rules, [said] = manners.of(channel), parcel.messages
    if not rules.late("bot", parcel.heard_at):
        return {"messaging_type": "RESPONSE"}
    if rules.late(said.speaker, parcel.heard_at):
        raise PermanentSendError(WINDOW)
    return {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}


def _message(channel: str, said: Outbound) -> dict[str, Any]:
    drawn = cards.attachment(channel, said)
    under = (said if drawn else said.plain).buttons
    buttons = {"quick_replies": [_quick(one) for one in under]} if under else {}
    if len(under) > MOST_BUTTONS:
        raise PermanentSendError("Meta takes 13 buttons at most")
    if drawn:
        return {"attachment": drawn} | buttons
    if said.media is not None:
        return {"attachment": {"type": said.media.kind, "payload": {"url": said.media.url}}} | buttons
    if not said.text.strip() or not manners.of(channel).fits(said.text):
        raise PermanentSendError("the message is beyond Meta's limits")
    return {"text": said.text} | buttons


def _quick(one: Button) -> dict[str, str]:
    payload = BRINGS + one.brings if one.brings else SAYS + one.text
    if not 0 < len(one.label) <= LONGEST_TITLE or len(payload) > LONGEST_PAYLOAD:
        raise PermanentSendError("a button is beyond Meta's limits")
    return {"content_type": "text", "title": one.label, "payload": payload}
