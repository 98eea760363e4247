"""What LINE tells beside words: pictures that belong together, groups, standby, answers to an earlier message."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from bot import clock
from bot.models import Conversation, Message
from bot.services import Services
from handoff.models import Ticket
from tests.builders import Customer, event, file_event
from tests.console import signed_in, words
from tests.engines import Knows
from tests.fakes import FakeLine
from tests.pictures import picture

pytestmark = [pytest.mark.by_hand, pytest.mark.both_engines]  # the stories decide what the understanding knows
Work = Callable[[], None]
GROUP = {"type": "group", "groupId": "Cgroup", "userId": "Uchen"}


@pytest.fixture(autouse=True)
def understanding(knows: Knows) -> None:
    knows({"運費": "shipping_fee", "真人": "want_human"})


@pytest.fixture
def time() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(clock.now(), tick=False) as time:
        yield time


def sends_of_set(chen: Customer, line: FakeLine, *numbers: int, of: int = 3) -> None:
    for number in numbers:
        made = file_event(chen.id, imageSet={"id": "E005", "index": number, "total": of})
        line.holds(made["message"]["id"], (200, picture()))
        assert chen.post(made) == 200


def test_pictures_that_were_sent_together_get_one_answer(chen, line, work, time) -> None:
    sends_of_set(chen, line, 2, 1)
    work()
    assert line.said == []
    sends_of_set(chen, line, 3)
    work()
    assert len(line.said) == 1


def test_a_picture_of_the_set_that_comes_late_is_not_answered_once_more(chen, line, work, time) -> None:
    sends_of_set(chen, line, 1, 2)
    time.shift(timedelta(seconds=2))
    work()
    assert len(line.said) == 1
    sends_of_set(chen, line, 3)
    time.shift(timedelta(seconds=2))
    work()
    assert len(line.said) == 1
    sends_of_set(chen, line, 1, of=1)


def mentions(text: str, **mention: Any) -> dict[str, Any]:
    """What somebody writes in a group to whom he calls by name."""
    called = {"mentionees": [{"index": 0, "length": 4, "type": "user", **mention}]} if mention else {}
    message = {"id": f"g{text}", "type": "text", "text": text, "mention": called}
    return event("Uchen", source=GROUP, message=message)


def test_in_a_group_only_who_calls_us_is_answered(chen, line, work, current) -> None:
    assert chen.post(mentions("運費怎麼算"), mentions("@王小明 運費怎麼算?", userId="Uwang", isSelf=False)) == 200
    work()
    assert line.said == []
    assert chen.post(mentions("@😀好 運費怎麼算??", isSelf=True)) == 200
    work()
    assert "80" in line.said[-1]
    assert all(call.body.get("to", "Cgroup") == "Cgroup" for call in line.sends())


def test_what_concerns_one_alone_is_not_talked_of_in_a_group(chen, line, work, current) -> None:
    assert chen.post(mentions("@鮮好團 我要找真人，訂單 GB1118-20731", isSelf=True)) == 200
    work()
    assert "私下" in line.said[-1]
    with current.sessions() as session:
        assert session.scalars(select(Ticket)).all() == []


@pytest.mark.parametrize(
    "mention",
    [None, [], {"mentionees": 7}, {"mentionees": [None, {"isSelf": True, "index": "x", "length": -3}]}],
)
def test_a_strange_mention_breaks_nothing(chen, work, current, mention) -> None:
    message = {"id": "g", "type": "text", "text": "運費怎麼算", "mention": mention}
    assert chen.post(event("Uchen", source=GROUP, message=message)) == 200
    work()
    with current.sessions() as session:
        assert session.scalars(select(Message.text).where(Message.author == "customer")).all() == ["運費怎麼算"]


def test_in_standby_nothing_is_said(chen, line, work, current) -> None:
    chen.writes("運費怎麼算", mode="standby")
    work()
    assert line.said == []


def test_the_message_that_is_answered_stands_above_the_answer(app: Flask, chen, line, work, current: Services) -> None:
    [first] = chen.writes("我要找真人")
    work()
    quoting = {"id": "q1", "type": "text", "text": "是這件", "quotedMessageId": first["message"]["id"]}
    assert chen.post(event("Uchen", message=quoting)) == 200
    work()
    with current.sessions() as session:
        number = session.scalars(select(Ticket.number)).one()
    member = signed_in(app, current, "wangmin", "agent")
    assert "引用： 我要找真人 是這件" in words(member.get(f"/console/cases/{number}"))
    chen.does("unsend", unsend={"messageId": first["message"]["id"]})
    work()
    assert "引用： 已收回的訊息 是這件" in words(member.get(f"/console/cases/{number}"))


def test_a_sticker_is_seen_and_a_place_leads_to_a_map(app: Flask, chen, work, current: Services) -> None:
    chen.writes("我要找真人")
    around = {"packageId": "446", "stickerId": "1988", "keywords": ["謝謝"], "stickerResourceType": "STATIC"}
    hostile = {"packageId": "1", "stickerId": '1"><script>', "keywords": ["怪"]}
    place = {"title": "家", "address": "台北市", "latitude": 25.03, "longitude": 121.56}
    drawn = {"packageId": "frontline", "stickerId": "1", "keywords": ["好"]}
    sent = ("sticker", around), ("sticker", hostile), ("sticker", drawn), ("location", place)
    for number, (kind, fields) in enumerate(sent):
        assert chen.post(event("Uchen", message={"id": f"shown{number}", "type": kind, **fields})) == 200
    work()
    with current.sessions() as session:
        number = session.scalars(select(Ticket.number)).one()
    answer = signed_in(app, current, "wangmin", "agent").get(f"/console/cases/{number}")
    page = answer.get_data(as_text=True)
    assert page.count('src="https://stickershop.line-scdn.net/stickershop/v1/sticker/1988/android/sticker.png"') == 1
    assert page.count("stickershop.line-scdn.net") == 1, "what is no number of LINE's has no picture"
    assert "query=25.03,121.56" in page
    elsewhere = app.test_client().get("/sign-in").headers["Content-Security-Policy"]
    assert "stickershop" not in elsewhere
    assert "img-src 'self' data: https://stickershop.line-scdn.net" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("kind", "fields", "told"),
    [
        ("beacon", {"beacon": {"hwid": "d4", "type": "enter"}}, "顧客走近了店裡的 Beacon"),
        ("accountLink", {"link": {"result": "ok", "nonce": "n"}}, "顧客連結了會員帳號"),
        ("videoPlayComplete", {"videoPlayComplete": {"trackingId": "t"}}, "顧客看完了影片"),
        ("somethingNew", {}, "平台通知：somethingNew"),
    ],
)
def test_what_is_answered_by_nobody_is_a_line_in_the_thread(
    app: Flask, chen, work, current: Services, kind: str, fields: dict[str, Any], told: str
) -> None:
    chen.writes("我要找真人")
    chen.does(kind, **fields)
    work()
    with current.sessions() as session:
        number = session.scalars(select(Ticket.number)).one()
    assert told in words(signed_in(app, current, "wangmin", "agent").get(f"/console/cases/{number}"))


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("join", "我們的帳號加入了群組"),
        ("leave", "我們的帳號離開了群組"),
        ("memberJoined", "有人加入群組"),
        ("memberLeft", "有人離開群組"),
    ],
)
def test_who_comes_and_goes_in_a_group_is_a_line_in_its_thread(
    app: Flask, chen, work, current: Services, kind: str, told: str
) -> None:
    assert chen.post(event("Uchen", type=kind, source={"type": "group", "groupId": "Cgroup"})) == 200
    work()
    with current.sessions() as session:
        [group] = session.scalars(select(Conversation.id))
    assert told in words(signed_in(app, current, "wangmin", "agent").get(f"/console/conversations/{group}"))
