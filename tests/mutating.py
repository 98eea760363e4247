"""Webhooks as platforms send them, changed somewhere: fields gone, of another kind, too many, too deep, or hostile."""

import copy
from collections.abc import Iterator
from functools import partial
from random import Random
from typing import Any

from tests import meta
from tests.builders import DESTINATION, event, file_event, text_event

HOSTILE: list[Any] = [
    *(None, True, -1, 0, 1e308, float("nan"), 10**30, 1_800_000_000_000, "", " ", "\ud800", "a\x00b", "長" * 3000),
    *([], {}, [[]], [None], {"id": None}, {"type": "text", "text": 7}, "m_1", "user", "message", "get_started"),
]
DELETED = {"mid": "m_deleted", "is_deleted": True}
FILES = meta.files("https://scontent.fbcdn.net/1.jpg", "https://scontent.fbcdn.net/2.jpg")


def line_events(user: str) -> list[dict[str, Any]]:
    """One of each sort."""
    return [
        text_event(user, "運費怎麼算"),
        file_event(user, "image"),
        file_event(user, "file", fileName="a.pdf", fileSize=3),
        event(user, message={"id": "s1", "type": "sticker", "packageId": "1", "stickerId": "2", "keywords": ["hi"]}),
        event(user, message={"id": "l1", "type": "location", "title": "家", "address": "台北", "latitude": 25.0}),
        event(user, type="postback", postback={"data": "buy", "params": {"date": "2026-11-22"}}),
        event(user, type="unsend", unsend={"messageId": "s1"}),
        event(user, type="messageEdited", message={"id": "l1", "type": "text", "text": "改了"}),
        event(user, type="follow", follow={"isUnblocked": False}),
        event(user, type="unfollow"),
        event(user, type="beacon", beacon={"hwid": "d41d8cd98f", "type": "enter"}),
        event(user, type="accountLink", link={"result": "ok", "nonce": "n1"}),
        event(user, type="videoPlayComplete", videoPlayComplete={"trackingId": "t1"}),
        event(user, type="join", source={"type": "group", "groupId": "Cgroup"}),
        event(user, type="leave", source={"type": "group", "groupId": "Cgroup"}),
        event(user, type="memberJoined", joined={"members": [{"type": "user", "userId": user}]}),
        event(user, type="memberLeft", left={"members": [{"type": "user", "userId": user}]}),
        event(user, source={"type": "group", "groupId": "Cgroup", "userId": user}),
    ]


def meta_events(user: str, account: str = meta.PAGE) -> list[dict[str, Any]]:
    """One of each sort, of a Page or an Instagram account."""
    did = partial(meta.event, user, account)
    wrote, told = partial(meta.message, user, account=account), partial(meta.echo, user, account=account)
    return [
        wrote("運費怎麼算", reply_to={"mid": "m_0"}),
        wrote("找真人", quick_reply={"payload": "say:找真人"}),
        wrote("兩張", attachments=FILES),
        wrote(sticker_id=369239263222822, attachments=FILES[:1]),
        told("我來處理", app_id=meta.PAGE_INBOX),
        told("我們說的", app_id=int(meta.APP), metadata="frontline:1"),
        did(message=DELETED),
        did(message_edit={"mid": "m_9", "text": "改了", "num_edit": 1}),
        did(postback={"mid": meta.mid(), "title": "開始", "payload": "GET_STARTED"}),
        did(reaction={"mid": "m_1", "action": "react", "emoji": "❤"}),
        did(referral={"ref": "ad", "source": "ADS", "type": "OPEN_THREAD"}),
        did(optin={"type": "notification_messages", "payload": "news"}),
        did(pass_thread_control={"new_owner_app_id": int(meta.APP), "metadata": ""}),
        did(take_thread_control={"previous_owner_app_id": int(meta.APP)}),
        did(read={"watermark": 1}),
    ]


def line_webhook(*events: Any) -> dict[str, Any]:
    return {"destination": DESTINATION, "events": list(events)}


def mutated(chance: Random, whole: Any, most: int = 3) -> Any:
    """The same with up to so many places changed."""
    changed = copy.deepcopy(whole)
    for _ in range(chance.randint(1, most)):
        places = list(_places(changed))
        if places:
            _change(chance, *chance.choice(places))
    return changed


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every holder with the name or number of something that it holds."""
    names = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for name in list(names):
        yield value, name
        yield from _places(value[name])


def _change(chance: Random, holder: Any, name: Any) -> None:
    match chance.choice(("replace", "replace", "remove", "double", "add", "deepen")):
        case "replace":
            holder[name] = copy.deepcopy(chance.choice(HOSTILE))
        case "remove":
            del holder[name]
        case "double":
            holder[name] = [holder[name], holder[name]]
        case "add" if isinstance(holder, dict):
            holder[chance.choice(("new", "text", "attachments", "mid", "is_echo", "standby", "replyToken"))] = 1
        case _:
            for _ in range(chance.randint(1, 300)):
                holder[name] = {"in": holder[name]}
