"""What a webhook of Meta's holds, cut into events of one message or file each, wrapped with what stands around them.

Receipts (delivered, read) are left out: they come for every message, and nobody acts on them.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

from bot.channels.values import object_of, text_of
from bot.ports import Batches

KINDS = (
    *("message", "postback", "message_edit", "reaction", "optin", "referral"),
    *("pass_thread_control", "take_thread_control", "request_thread_control", "app_roles", "policy_enforcement"),
)
RECEIPTS = ("delivery", "read")
LONGEST_ID = 72  # with what is hung on it, it must fit where ids are kept
PREVIEWS = ("fallback", "share")  # what a link in a text brings along


def split(body: Any, wanted: str) -> Batches:
    """The events by account; `wanted` is the webhook's object (page, instagram). What is malformed is kept too."""
    if not isinstance(body, dict) or body.get("object") != wanted or not isinstance(body.get("entry"), list):
        raise ValueError(f"a webhook of the object {wanted} has a list named entry")
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in body["entry"]:
        whole = object_of(entry)
        found.setdefault(text_of(whole.get("id")) or "unknown", []).extend(_events(whole, entry))
    return list(found.items())


def _events(entry: dict[str, Any], given: object) -> Iterator[dict[str, Any]]:
    around = {"entry": entry.get("id"), "time": entry.get("time")}
    if not any(isinstance(entry.get(name), list) for name in ("messaging", "standby")):
        yield {"type": "malformed" if not entry else "other", "value": given}
        return
    for name in ("messaging", "standby"):
        those = entry.get(name)
        for event in those if isinstance(those, list) else ():
            yield from _pieces(event, around | {"standby": name == "standby"})


def _pieces(event: object, around: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """One for the text and one for each file: a message of ours holds one file."""
    if not isinstance(event, dict):
        yield {"type": "malformed", "value": event}
        return
    kind = _kind(event)
    if not kind and any(receipt in event for receipt in RECEIPTS):
        return
    for part in range(_parts(object_of(event.get("message")))):
        yield {"type": kind or "other", "part": part, **around, "event": event}


def _kind(event: dict[str, Any]) -> str:
    """What it is about; an echo is told from what a customer writes, who waits for an answer."""
    kind = next((kind for kind in KINDS if kind in event), "")
    return "echo" if kind == "message" and object_of(event["message"]).get("is_echo") else kind


def _parts(message: dict[str, Any]) -> int:
    return max(1, bool(text_of(message.get("text"))) + len(files_of(message)))


def files_of(message: dict[str, Any]) -> list[dict[str, Any]]:
    """What is attached to a message, without the preview that a link in its text brings along."""
    given = message.get("attachments")
    those = [object_of(one) for one in given] if isinstance(given, list) else []
    texted = bool(text_of(message.get("text")))
    return [one for one in those if not (texted and text_of(one.get("type")) in PREVIEWS)]


def event_id(raw: dict[str, Any]) -> str | None:
    """By the message's id, which repeats share; None where only the content can tell."""
    event, kind = object_of(raw.get("event")), raw.get("type")
    if kind in ("message", "echo"):
        deleted = "!" if object_of(event.get("message")).get("is_deleted") else ""
        return _hung(message_id(object_of(event.get("message")), raw.get("part")), deleted)
    if kind == "message_edit":
        edit = object_of(event.get("message_edit"))
        return _hung(message_id(edit), text_of(f"~{edit.get('num_edit')}")[:7])
    return message_id(object_of(event.get("postback"))) if kind == "postback" else None


def _hung(known: str | None, mark: str) -> str | None:
    return known + mark if known else None


def message_id(holder: dict[str, Any], part: object = 0) -> str | None:
    """A message's id as we keep it: Meta's are up to 200 characters long, and alike but for the end."""
    return (short(text_of(holder.get("mid"))) + (f"#{part}" if part else "")) or None


def short(mid: str) -> str:
    """An id that fits; of one that does not, its digest."""
    return mid if len(mid) <= LONGEST_ID else hashlib.sha256(mid.encode()).hexdigest()
