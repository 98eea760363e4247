"""LINE's part of the contract of `bot.ports.Channel`: its own SDK over real sockets against a LINE that records."""

import io
import json
import socket
import uuid
from dataclasses import replace
from email.utils import format_datetime
from typing import Any

import pytest

from bot.channels.line import Line
from bot.clock import after, from_millis
from bot.errors import (
    FileAway,
    FileGone,
    FileTooLarge,
    PermanentSendError,
    QuotaReached,
    ReplyTokenRefused,
    SendError,
    TemporarySendError,
    UnknownOutcome,
)
from bot.messages import Button, Card, Link, Media, Outbound
from bot.ports import Channel, Parcel, Profile, Quota, Recipient, Spoken
from tests.builders import DESTINATION, SECRET, event, signed, text_event
from tests.fakes import HANG_UP, FakeLine

BODY = f'{{"destination":"{DESTINATION}","events":[]}}'.encode()
SIGNATURE = "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs="
CHEN = Recipient(DESTINATION, "user", "Uchen")
GROUP = Recipient(DESTINATION, "group", "Cgroup")


def speaks(url: str, token: str = "a token") -> Channel:
    return Line((SECRET,), token, url)


@pytest.fixture
def channel(line: FakeLine) -> Channel:
    return speaks(line.url)


@pytest.fixture
def nobody() -> str:
    """An address where nothing listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{found.getsockname()[1]}"


def push(*texts: str | Outbound, sender: str = "小幫手", token: str | None = None) -> Parcel:
    spoken = tuple(Spoken(text if isinstance(text, Outbound) else Outbound(text), "bot", sender) for text in texts)
    return Parcel(CHEN, spoken, str(uuid.uuid4()), token)


def reply(*texts: str | Outbound, token: str = "a reply token") -> Parcel:
    return push(*texts, token=token)


# Who may come in


def test_lines_own_example_is_verified(channel: Channel) -> None:
    assert channel.verify(BODY, {"x-line-signature": SIGNATURE})


def test_both_secrets_are_good_while_one_is_rotated() -> None:
    rotating = Line(("the new secret", SECRET), "a token", "")
    for secret in rotating.secrets:
        body, headers = signed([], secret)
        assert rotating.verify(body, {"x-line-signature": headers["X-Line-Signature"]})
    body, headers = signed([], "a retired secret")
    assert not rotating.verify(body, {"x-line-signature": headers["X-Line-Signature"]})


# What came in


def test_a_batch_is_split_into_its_account_and_its_events(channel: Channel) -> None:
    events = [text_event("Uchen", "早安"), event("Uhuang", type="follow")]
    assert channel.split({"destination": DESTINATION, "events": events}) == [(DESTINATION, events)]
    assert channel.split(json.loads(BODY)) == [(DESTINATION, [])]


@pytest.mark.parametrize("body", [None, 1, "events", [], [{}], {}, {"events": None}, {"events": {}}, {"events": "x"}])
def test_what_is_no_webhook_is_told_so(channel: Channel, body: object) -> None:
    with pytest.raises(ValueError, match="events"):
        channel.split(body)


@pytest.mark.parametrize("destination", [None, 7, "", ["U1"]])
def test_events_without_an_account_are_kept(channel: Channel, destination: object) -> None:
    assert channel.split({"destination": destination, "events": [{"type": "follow"}]}) == [
        ("unknown", [{"type": "follow"}])
    ]


def test_a_malformed_event_does_not_cost_its_neighbours(channel: Channel) -> None:
    good = text_event("Uchen", "早安")
    ((_, events),) = channel.split({"destination": DESTINATION, "events": [None, good, [1]]})
    assert events == [{"type": "malformed", "value": None}, good, {"type": "malformed", "value": [1]}]


@pytest.mark.parametrize(("given", "known"), [("01H", "01H"), ("", None), (None, None), (7, None), ([], None)])
def test_an_events_id_is_the_platforms(channel: Channel, given: object, known: str | None) -> None:
    assert channel.event_id({"webhookEventId": given}) == known


@pytest.mark.parametrize(
    ("fields", "what", "kind"),
    [
        ({"message": {"id": "1", "type": "text", "text": "早安"}}, "message", "text"),
        ({"message": {"id": "1", "type": "textV2", "text": "早安"}}, "message", "unknown"),
        ({"message": {"id": "1", "type": "sticker", "packageId": "1", "stickerId": "2"}}, "message", "sticker"),
        ({"message": {"id": "1", "type": "image", "contentProvider": {"type": "line"}}}, "message", "image"),
        ({"message": {"id": "1", "type": "video", "duration": 1}}, "message", "video"),
        ({"message": {"id": "1", "type": "audio", "duration": 1}}, "message", "audio"),
        ({"message": {"id": "1", "type": "file", "fileName": "a.pdf", "fileSize": 1}}, "message", "file"),
        ({"message": {"id": "1", "type": "location", "latitude": 25.0, "longitude": 121.5}}, "message", "location"),
        ({"message": {"id": "1", "type": "hologram"}}, "message", "unknown"),
        ({"type": "postback", "postback": {"data": "buy", "params": {"date": "2026-11-22"}}}, "message", "postback"),
        ({"type": "messageEdited", "message": {"id": "1", "type": "text", "text": "晚安"}}, "edit", "text"),
        ({"type": "unsend", "unsend": {"messageId": "1"}}, "unsend", "unknown"),
        ({"type": "follow", "follow": {"isUnblocked": True}}, "follow", "unknown"),
        ({"type": "unfollow"}, "unfollow", "unknown"),
        ({"type": "join"}, "other", "unknown"),
        ({"type": "leave"}, "other", "unknown"),
        ({"type": "memberJoined", "joined": {"members": []}}, "other", "unknown"),
        ({"type": "memberLeft", "left": {"members": []}}, "other", "unknown"),
        ({"type": "videoPlayComplete", "videoPlayComplete": {"trackingId": "t"}}, "other", "unknown"),
        ({"type": "beacon", "beacon": {"hwid": "h", "type": "enter"}}, "other", "unknown"),
        ({"type": "accountLink", "link": {"result": "failed"}}, "other", "unknown"),
        ({"type": "membership", "membership": {"type": "joined"}}, "other", "unknown"),
        ({"type": "module", "module": {"type": "attached"}}, "other", "unknown"),
        ({"type": "activated"}, "other", "unknown"),
        ({"type": "deactivated"}, "other", "unknown"),
        ({"type": "botSuspended"}, "other", "unknown"),
        ({"type": "botResumed"}, "other", "unknown"),
        ({"type": "delivery", "delivery": {"data": "d"}}, "other", "unknown"),
        ({"type": "somethingNew"}, "other", "unknown"),
    ],
)
def test_every_event_has_its_meaning(channel: Channel, fields: dict[str, Any], what: str, kind: str) -> None:
    inbound = channel.normalise(event("Uchen", **fields))
    assert (inbound.what, inbound.kind) == (what, kind)
    assert (inbound.source_kind, inbound.source_id) == ("user", "Uchen")


def test_a_message_keeps_what_is_needed_to_answer_it(channel: Channel) -> None:
    raw = text_event("Uchen", "早安", replyToken="t", timestamp=1_700_000_000_123, mode="standby")
    inbound = channel.normalise(raw)
    assert (inbound.text, inbound.message_id, inbound.reply_token) == ("早安", raw["message"]["id"], "t")
    assert inbound.occurred_at == from_millis(1_700_000_000_123)
    assert inbound.standby


def test_what_a_button_carries_stays_apart_from_what_people_write(channel: Channel) -> None:
    inbound = channel.normalise(event("Uchen", type="postback", postback={"data": "buy", "params": {"date": "d"}}))
    assert (inbound.text, inbound.payload) == ("", {"data": "buy", "params": {"date": "d"}})


def test_an_unsend_names_the_message_that_was_taken_back(channel: Channel) -> None:
    assert channel.normalise(event("Uchen", type="unsend", unsend={"messageId": "77"})).message_id == "77"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"type": "group", "groupId": "C1", "userId": "U1"}, ("group", "C1")),
        ({"type": "group", "groupId": "C1"}, ("group", "C1")),
        ({"type": "room", "roomId": "R1"}, ("room", "R1")),
        ({"type": "planet", "planetId": "P1", "userId": "U1"}, ("other", "P1")),
    ],
)
def test_groups_and_rooms_are_conversations_of_their_own(
    channel: Channel, source: dict[str, str], expected: tuple[str, str]
) -> None:
    inbound = channel.normalise(event("Uchen", source=source))
    assert (inbound.source_kind, inbound.source_id) == expected


HOSTILE: list[Any] = [
    None,
    True,
    -1,
    1e308,
    float("nan"),
    float("inf"),
    10**400,
    "",
    "\ud800",
    "a\x00b",
    "長" * 20_000,
    [],
    [[]],
    {},
]
FIELDS = ("type", "mode", "timestamp", "source", "webhookEventId", "deliveryContext", "replyToken", "message")


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("kind", ["message", "postback", "unsend", "messageEdited", "follow"])
def test_a_hostile_value_is_never_an_error(channel: Channel, kind: str, value: object) -> None:
    inside = {"id": value, "type": value, "text": value, "data": value, "params": value, "messageId": value}
    for field in (*FIELDS, "postback", "unsend"):
        channel.normalise(text_event("Uchen", "早安", type=kind) | {field: value})
        channel.normalise(text_event("Uchen", "早安", type=kind) | {field: inside})
    channel.normalise({"source": {"type": value, "userId": value, "groupId": value}})
    channel.normalise({})


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_what_the_console_shows_can_always_be_stored(channel: Channel, value: object) -> None:
    """Databases take neither NaN, nor lone surrogates, nor NULs, however deep they lie."""
    nested = {"title": value, "keywords": [value, {"k\ud800": value}], "contentProvider": {"type": [value]}}
    for raw in (
        text_event("Uchen", "早安") | {"message": {"type": "location", "text": "x", **nested}},
        event("Uchen", type="postback", postback={"data": "buy", "params": nested}),
    ):
        inbound = channel.normalise(raw)
        stored = json.dumps(inbound.payload, allow_nan=False, ensure_ascii=False).encode("utf-8")
        assert b"\\u0000" not in stored


# What goes out


def test_a_reply_gives_the_ids_of_its_messages(channel: Channel, line: FakeLine) -> None:
    ids = channel.send(reply("滿千免運。", "其餘 80 元。"))
    assert len(set(ids) - {""}) == 2
    assert line.arrived == [("小幫手", "滿千免運。"), ("小幫手", "其餘 80 元。")]


def test_a_full_parcel_goes_in_one_call(channel: Channel, line: FakeLine) -> None:
    assert len(channel.send(push(*"一二三四五"))) == channel.pack == 5
    assert len(line.sends()) == 1


def test_buttons_go_out_as_quick_replies(channel: Channel, line: FakeLine) -> None:
    channel.send(push(Outbound("哪一種?", (Button("運費", "運費怎麼算"),))))
    item = line.sends()[0].body["messages"][0]["quickReply"]["items"][0]
    assert item["action"] == {"type": "message", "label": "運費", "text": "運費怎麼算"}


def card(value: str = "黑貓宅急便 905", url: str = "https://carrier.example/905") -> Card:
    return Card("訂單 GB1", "配送中", (("物流", value),), (Link("查物流進度", url),))


def test_a_card_is_drawn_with_its_text_where_cards_are_not_shown(channel: Channel, line: FakeLine) -> None:
    channel.send(push(Outbound("訂單 GB1 目前：配送中", (Button("找真人", "找真人"),), card=card())))
    [message] = line.sends()[0].body["messages"]
    assert (message["type"], message["altText"]) == ("flex", "訂單 GB1 目前：配送中")
    shown = json.dumps(message["contents"], ensure_ascii=False)
    assert [part in shown for part in ("訂單 GB1", "配送中", "黑貓宅急便 905", "https://carrier.example/905")] == [
        True
    ] * 4
    assert [item["action"]["label"] for item in message["quickReply"]["items"]] == ["找真人"]


@pytest.mark.parametrize(
    "message",
    [
        Outbound("字" * 1501, card=card()),
        Outbound("訂單", card=card(value="")),
        Outbound("訂單", card=card(url="https://carrier.example/" + "9" * 1000)),
        Outbound("訂單", card=Card("訂單", "配送中", tuple(("商品", "字" * 300) for _ in range(40)))),
    ],
    ids=["a long text", "an empty fact", "a long address", "too many bytes"],
)
def test_a_card_that_line_would_not_take_goes_as_its_text(channel: Channel, line: FakeLine, message: Outbound) -> None:
    channel.send(push(message))
    [sent] = line.sends()[0].body["messages"]
    assert (sent["type"], sent["text"]) == ("text", message.text)


def test_a_push_carries_its_retry_key_from_the_first_try_and_a_reply_never(channel: Channel, line: FakeLine) -> None:
    parcel = push("早安")
    channel.send(parcel)
    channel.send(reply("早安"))
    assert [(call.path, call.retry_key) for call in line.sends()] == [
        ("/v2/bot/message/push", parcel.key),
        ("/v2/bot/message/reply", None),
    ]


def test_a_used_reply_token_is_refused_as_such(channel: Channel) -> None:
    channel.send(reply("早安"))
    with pytest.raises(ReplyTokenRefused):
        channel.send(reply("早安"))


def test_a_push_that_is_repeated_arrives_once_and_counts_as_sent(channel: Channel, line: FakeLine) -> None:
    parcel = push("早安")
    assert len(channel.send(parcel)) == 1
    assert channel.send(parcel) == []
    assert line.said == ["早安"]


def test_a_push_whose_answer_was_lost_is_settled_by_its_key(channel: Channel, line: FakeLine) -> None:
    line.lost_answers, parcel = 1, push("早安")
    with pytest.raises(UnknownOutcome):
        channel.send(parcel)
    assert channel.send(parcel) == []
    assert line.said == ["早安"]


@pytest.mark.parametrize("parcel", [push("早安"), reply("早安")], ids=["push", "reply"])
@pytest.mark.parametrize("trouble", [(500, {"message": "oops"}), (503, {}), HANG_UP], ids=["500", "503", "hang-up"])
def test_without_a_clear_answer_nobody_knows(channel: Channel, line: FakeLine, parcel: Parcel, trouble: Any) -> None:
    line.troubles.append(trouble)
    with pytest.raises(UnknownOutcome):
        channel.send(parcel)
    assert len(line.sends()) == 1, "the outbox retries, never the SDK"


@pytest.mark.parametrize(("given", "understood"), [("17", 17.0), ("", None), ("tomorrow", None), ("-1", None)])
def test_a_limit_says_when_to_come_back(channel: Channel, line: FakeLine, given: str, understood: float | None) -> None:
    line.retry_after = given
    line.troubles.append((429, {"message": "The API rate limit has been exceeded. Try again later."}))
    with pytest.raises(TemporarySendError) as limit:
        channel.send(push("早安"))
    assert (limit.value.status, limit.value.retry_after) == (429, understood)


def test_a_limit_may_give_the_time_of_day(channel: Channel, line: FakeLine) -> None:
    line.retry_after = format_datetime(after(60), usegmt=True)
    line.troubles.append((429, {"message": "The API rate limit has been exceeded. Try again later."}))
    with pytest.raises(TemporarySendError) as limit:
        channel.send(push("早安"))
    assert limit.value.retry_after == pytest.approx(60, abs=3)


def test_the_end_of_the_months_pushes_is_told_from_a_limit_that_passes(channel: Channel, line: FakeLine) -> None:
    line.quota = 0
    with pytest.raises(QuotaReached):
        channel.send(push("早安"))
    channel.send(reply("早安"))
    assert line.said == ["早安"]


MONTHLY = "You have reached your monthly limit."


@pytest.mark.parametrize(
    ("status", "says", "parcel", "kind"),
    [
        (400, "Invalid reply token", reply("早安"), ReplyTokenRefused),
        (400, "Invalid reply token", push("早安"), PermanentSendError),
        (400, "Failed to send messages", push("早安"), PermanentSendError),
        (401, "", push("早安"), TemporarySendError),
        (403, "", reply("早安"), TemporarySendError),
        (404, "", push("早安"), PermanentSendError),
        (408, "", reply("早安"), UnknownOutcome),
        (409, "", reply("早安"), PermanentSendError),
        (413, "", push("早安"), PermanentSendError),
        (429, MONTHLY, push("早安"), QuotaReached),
        (429, MONTHLY, reply("早安"), TemporarySendError),
        (429, "Too many", push("早安"), TemporarySendError),
        (500, "", push("早安"), UnknownOutcome),
        (599, "", reply("早安"), UnknownOutcome),
    ],
)
def test_every_refusal_has_its_meaning(
    channel: Channel, line: FakeLine, status: int, says: str, parcel: Parcel, kind: type[SendError]
) -> None:
    line.troubles.append((status, {"message": says}))
    with pytest.raises(SendError) as refused:
        channel.send(parcel)
    assert (type(refused.value), refused.value.status) == (kind, status)


def test_each_message_of_a_parcel_has_its_own_sender(channel: Channel, line: FakeLine) -> None:
    bot, agent = push("您好", sender="小幫手"), push("我是志豪", sender="王志豪")
    channel.send(replace(bot, messages=bot.messages + agent.messages))
    assert line.arrived == [("小幫手", "您好"), ("王志豪", "我是志豪")]


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_token_can_be_mended_and_the_message_still_goes(channel: Channel, line: FakeLine, status: int) -> None:
    line.troubles.append((status, {"message": "no"}))
    with pytest.raises(TemporarySendError) as refused:
        channel.send(push("早安"))
    assert refused.value.status == status
    channel.send(push("早安"))


@pytest.mark.parametrize("parcel", [push("早安"), reply("早安")], ids=["push", "reply"])
def test_a_success_in_an_unknown_shape_is_a_success(channel: Channel, line: FakeLine, parcel: Parcel) -> None:
    line.troubles.append((200, {}))
    assert channel.send(parcel) == []


@pytest.mark.parametrize(
    "parcel",
    [
        push(" \n\u3000"),
        push("長" * 5001),
        push("😀" * 2501),
        push("早安", sender="名" * 20 + "字"),
        push(*"一二三四五六"),
        push(),
        push(Outbound("哪一種?", (Button("標" * 21, "x"),))),
        push(Outbound("哪一種?", tuple(Button(str(n), "x") for n in range(14)))),
    ],
    ids=["blank", "long", "long-in-utf16", "sender", "six", "none", "label", "buttons"],
)
def test_what_line_will_never_take_is_refused_for_good(channel: Channel, line: FakeLine, parcel: Parcel) -> None:
    with pytest.raises(PermanentSendError):
        channel.send(parcel)
    assert line.said == []


def test_a_bad_request_with_a_good_reply_token_is_not_blamed_on_the_token(channel: Channel, line: FakeLine) -> None:
    line.troubles.append((400, {"message": "The request body has 1 error(s)"}))
    with pytest.raises(PermanentSendError):
        channel.send(reply("早安"))


# What is asked beside


def test_a_profile_tells_the_name(channel: Channel) -> None:
    assert channel.profile(CHEN) == Profile("陳怡君")


def test_somebody_line_does_not_tell_about_has_an_empty_profile(channel: Channel, nobody: str) -> None:
    stranger = Recipient(DESTINATION, "user", "Ublocked")
    assert channel.profile(stranger) == Profile()
    assert speaks(nobody).profile(CHEN) is None, "who can't be asked has told nothing: ask again soon"


def test_a_group_has_no_profile_and_no_animation(channel: Channel, line: FakeLine) -> None:
    assert channel.profile(GROUP) == Profile()
    channel.show_loading(GROUP, 20)
    assert line.calls == []


def test_the_animation_is_shown_to_the_customer(channel: Channel, line: FakeLine) -> None:
    channel.show_loading(CHEN, 20)
    call = line.calls[0]
    assert (call.path, call.body) == ("/v2/bot/chat/loading/start", {"chatId": "Uchen", "loadingSeconds": 20})


def test_an_animation_that_fails_disturbs_nobody(line: FakeLine, nobody: str) -> None:
    speaks(line.url, token="").show_loading(CHEN, 20)
    speaks(nobody).show_loading(CHEN, 20)
    assert [call.path for call in line.calls] == ["/v2/bot/chat/loading/start"]


@pytest.mark.parametrize("limit", [200, None])
def test_the_quota_is_told_as_long_as_line_tells_it(
    channel: Channel, line: FakeLine, nobody: str, limit: int | None
) -> None:
    line.quota = limit
    channel.send(push("早安"))
    assert channel.quota("") == Quota(limit, 1)
    assert speaks(nobody).quota("") is None
    assert speaks(line.url, token="").quota("") is None


# Files


def test_pictures_and_films_go_out_as_such(channel: Channel, line: FakeLine) -> None:
    urls = "https://shop.example/files/whole", "https://shop.example/files/small"
    channel.send(push(*(Outbound("", media=Media(kind, *urls)) for kind in ("image", "video"))))
    [call] = line.sends()
    assert [(m["type"], m["originalContentUrl"], m["previewImageUrl"]) for m in call.body["messages"]] == [
        ("image", *urls),
        ("video", *urls),
    ]


def content(channel: Channel, message: str = "1", limit: int = 1000) -> bytes | None:
    """What a channel gives of a message's file; None where it is not ready."""
    into = io.BytesIO()
    return into.getvalue() if channel.content("", message, into, limit) else None


def test_a_customers_file_is_got_once_it_is_ready(channel: Channel, line: FakeLine) -> None:
    line.holds("1", (202, {}), (200, b"a photo"))
    assert content(channel) is None
    assert content(channel) == b"a photo"
    assert {call.bearer for call in line.calls} == {"a token"}


@pytest.mark.parametrize("status", [400, 404, 410])
def test_a_file_that_is_gone_is_gone_for_good(channel: Channel, line: FakeLine, status: int) -> None:
    line.holds("1", (status, {}))
    with pytest.raises(FileGone):
        content(channel)


@pytest.mark.parametrize("trouble", [(401, {}), (429, {}), (500, {}), HANG_UP])
def test_a_file_that_cannot_be_had_now_may_be_had_later(channel: Channel, line: FakeLine, trouble: Any) -> None:
    line.retry_after = "7"
    line.holds("1", trouble)
    with pytest.raises(FileAway) as away:
        content(channel)
    assert away.value.retry_after == (7.0 if trouble[0] in (429, 500) else None)


def test_where_nothing_listens_a_file_may_be_had_later(nobody: str) -> None:
    with pytest.raises(FileAway):
        content(speaks(nobody))


def test_a_file_that_is_too_large_is_left_where_it_is(channel: Channel, line: FakeLine) -> None:
    line.holds("1", (200, bytes(1001)))
    with pytest.raises(FileTooLarge):
        content(channel)


def test_a_messages_id_leads_nowhere_else(channel: Channel, line: FakeLine) -> None:
    with pytest.raises(FileGone):
        content(channel, "../../bot/message/quota?x=")
    assert [call.path for call in line.calls] == ["/v2/bot/message/..%2F..%2Fbot%2Fmessage%2Fquota%3Fx%3D/content"]
