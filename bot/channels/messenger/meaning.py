"""What an event of Meta's means, as `Inbound`: who spoke, what was said, and who holds the conversation from now on."""

from dataclasses import replace
from typing import Any

from bot.channels.messenger.events import files_of, message_id
from bot.channels.values import clean, object_of, text_of
from bot.clock import from_millis
from bot.messages import Inbound, Kind

KINDS: dict[str, Kind] = {"image": "image", "video": "video", "audio": "audio", "file": "file", "location": "location"}
KINDS |= {"story_mention": "image"}
PAGE_INBOX = "263902037430900"  # Meta's own inbox, as it names itself in echoes
SAYS = "say:"  # before what a tap on a button of ours says
BRINGS = "bring:"  # before what it brings along instead, for us alone
KEY = "frontline:"  # before the key that a message of ours carries
START = "GET_STARTED"


def normalise(raw: dict[str, Any], app_id: str) -> Inbound:
    """An event as `Inbound`; unknown ones become `other`. `app_id` is our app's, as echoes name it."""
    event, kind = object_of(raw.get("event")), text_of(raw.get("type"))
    known = Inbound(
        what="other",
        source_id=_id_of(event.get("sender")),
        occurred_at=from_millis(event.get("timestamp")) or from_millis(raw.get("time")),
        standby=raw.get("standby") is True,
    )
    match kind:
        case "message":
            return _message(known, event, raw.get("part"))
        case "echo":
            return _echo(_message(known, event, raw.get("part")), event, app_id)
        case "postback":
            return _postback(known, object_of(event.get("postback")))
        case "message_edit":
            edit = object_of(event.get("message_edit"))
            return replace(known, what="edit", kind="text", text=text_of(edit.get("text")), message_id=message_id(edit))
        case "pass_thread_control" | "take_thread_control":
            return _passed(known, object_of(event.get(kind)), event, app_id)
        case _:
            return known


def _message(known: Inbound, event: dict[str, Any], part: object) -> Inbound:
    message = object_of(event.get("message"))
    number = part if isinstance(part, int) else 0
    what = "unsend" if message.get("is_deleted") else "message"
    return replace(_said(known, message, number), what=what, message_id=message_id(message, number))


def _echo(said: Inbound, event: dict[str, Any], app_id: str) -> Inbound:
    """It stands in the conversation with whom it went to."""
    to = replace(said, source_id=_id_of(event.get("recipient")))
    return to if said.what == "unsend" else replace(to, **_speaker(object_of(event.get("message")), app_id))


def _said(known: Inbound, message: dict[str, Any], part: int) -> Inbound:
    """The text, or one of the files."""
    text, files = text_of(message.get("text")), files_of(message)
    if text and part == 0:
        return replace(known, **_words(message, text))
    at = part - bool(text)
    if not 0 <= at < len(files):
        return replace(known, kind="unknown", payload=_about(message))
    if message.get("sticker_id") is not None:
        return replace(known, kind="sticker", payload={"stickerId": clean(message["sticker_id"])})
    return _file(known, files[at])


def _words(message: dict[str, Any], text: str) -> dict[str, Any]:
    """What was typed, or what a tapped button says; which of an earlier message or story it answers."""
    tapped = text_of(object_of(message.get("quick_reply")).get("payload"))
    if tapped.startswith(BRINGS):
        return {"kind": "postback", "text": text, "payload": {"data": tapped.removeprefix(BRINGS)}}
    says = tapped.removeprefix(SAYS) if tapped.startswith(SAYS) else text
    return {"kind": "text", "text": says, "payload": _about(message)}


def _about(message: dict[str, Any]) -> dict[str, Any]:
    answered = object_of(message.get("reply_to"))
    quoted = message_id(answered)
    return {"quotedMessageId": quoted} if quoted else {}


def _file(known: Inbound, file: dict[str, Any]) -> Inbound:
    given = text_of(file.get("type"))
    kind: Kind = KINDS.get(given, "unknown")
    inside = object_of(file.get("payload"))
    address = text_of(inside.get("url"))
    if kind == "location":
        place = object_of(inside.get("coordinates"))
        where = {"title": text_of(file.get("title")), "latitude": place.get("lat"), "longitude": place.get("long")}
        return replace(known, kind=kind, payload=clean(where))
    if kind == "unknown":
        return replace(known, kind=kind, text=text_of(file.get("title")) or text_of(inside.get("title")) or address)
    return replace(known, kind=kind, payload={"lies_at": address, "fileName": text_of(inside.get("title"))})


def _postback(known: Inbound, postback: dict[str, Any]) -> Inbound:
    """What stands on the button is what the customer said; the first one of all begins the conversation."""
    data, title = text_of(postback.get("payload")), text_of(postback.get("title"))
    tapped = replace(known, message_id=message_id(postback), text=title, payload={"data": data})
    if data == START:
        return replace(tapped, what="follow", kind="postback", text="")
    if data.startswith(SAYS):
        return replace(tapped, what="message", kind="text", text=data.removeprefix(SAYS))
    return replace(tapped, what="message", kind="postback")


def _speaker(message: dict[str, Any], app_id: str) -> dict[str, Any]:
    """Whose words an echo brings: ours, those of a person in Meta's inbox, or another program's."""
    metadata, app = text_of(message.get("metadata")), _number(message.get("app_id"))
    if metadata.startswith(KEY) or (app and app == app_id):
        return {"what": "echo", "author": "bot", "key": metadata.removeprefix(KEY) if metadata.startswith(KEY) else ""}
    return {"what": "echo", "author": "agent" if app in ("", PAGE_INBOX) else "system"}


def _passed(known: Inbound, control: dict[str, Any], event: dict[str, Any], app_id: str) -> Inbound:
    """Whose the conversation is from now on. Who is not named is whoever gets such an event: it is told to both."""
    owner = _number(control.get("new_owner_app_id"))
    ours = owner == app_id if owner and app_id else "pass_thread_control" in event
    customer = known.source_id or _id_of(event.get("recipient"))
    return replace(known, what="control", source_id=customer, standby=not ours)


def _id_of(party: object) -> str | None:
    return text_of(object_of(party).get("id")) or None


def _number(value: object) -> str:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else text_of(value)
