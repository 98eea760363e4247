"""Several people at one case: each sees who else is there and who writes, and of two who answer one is told in time."""

import json

import pytest
import time_machine
from redis.exceptions import ConnectionError as NotThere
from sqlalchemy import func, select

from bot.broker import connection, redis_url
from bot.clock import now
from bot.models import Message
from handoff import company
from handoff.stream import process
from handoff.stream.feed import Feed
from tests import console, desk
from tests.console import PANE, words
from tests.programs import hired, opened


@pytest.fixture
def current(tmp_path, postgres, valkey):
    with desk.shop(tmp_path, postgres, redis_url=valkey, open_hours="00:00-24:00") as shop:
        connection(redis_url(shop.settings)).flushall()
        yield shop


@pytest.fixture
def lin(app, current):
    return console.signed_in(app, current, "lin", "supervisor")


@pytest.fixture
def case(current, wang):
    number, _, _ = opened(current)
    wang.post(f"/console/cases/{number}/claim")
    return number


def looks(member, case, doing=""):
    """What a page shows of the others at the case."""
    answer = member.post(f"/console/cases/{case}/company", data={"doing": doing})
    assert answer.status_code in (200, 204)
    return words(answer)


def test_each_sees_who_else_looks_and_nobody_sees_herself(wang, lin, case):
    assert "也在看" not in looks(wang, case)
    assert "wang 也在看" in looks(lin, case)
    assert "lin 也在看" in looks(wang, case)


def test_who_writes_is_seen_to_and_who_sent_or_stopped_is_not(wang, lin, case):
    looks(lin, case, "reply")
    assert "lin 正在寫回覆" in looks(wang, case)
    assert "lin也正在寫回覆" in looks(wang, case)
    looks(lin, case, "note")
    assert "lin 正在寫備註" in looks(wang, case)
    looks(lin, case)
    assert "lin 也在看" in looks(wang, case)


def test_who_leaves_is_gone_at_once_and_who_lost_the_network_after_a_while(wang, lin, case):
    with time_machine.travel(now(), tick=False) as time:
        looks(lin, case, "reply")
        looks(wang, case)
        time.shift(company.WRITES + 1)
        assert "lin 也在看" in looks(wang, case)
        time.shift(company.LOOKS)
        assert "lin" not in looks(wang, case)
        looks(lin, case)
        looks(lin, case, "gone")
        assert "lin" not in looks(wang, case)


def test_that_somebody_whispers_is_seen_by_who_will_hear_it(app, current, wang, lin, case):
    mei = console.signed_in(app, current, "mei", "specialist")
    looks(lin, case, "whisper")
    assert "lin 正在輸入耳語" in looks(wang, case)
    assert "lin 也在看" in looks(mei, case)


def test_a_case_that_one_may_not_see_has_no_company(app, current, case):
    guest = console.signed_in(app, current, "warehouse", "department")
    assert guest.post(f"/console/cases/{case}/company").status_code == 404


def test_without_redis_nobody_is_seen_and_everything_else_goes_on(current, wang, lin, case, monkeypatch):
    looks(lin, case)

    def away(*_, **__):
        raise NotThere

    monkeypatch.setattr(current.broker.hasty, "pipeline", away)
    assert "lin" not in looks(wang, case)
    assert wang.get(f"/console/cases/{case}", headers=PANE).status_code == 200


def test_only_those_at_the_case_are_told_that_something_stirs_and_only_when_it_does(current, app, wang, lin, case):
    told = []
    current.broker.hint = told.append
    looks(wang, case)
    looks(wang, case)
    assert told == []  # nobody else is there
    looks(lin, case)
    looks(lin, case)
    looks(lin, case, "reply")
    looks(lin, case, "gone")
    stirs = [company.Stir.of(words) for words in told]
    assert stirs == [company.Stir(case, frozenset({console.user_id(current, "wang")}))] * 3


def test_the_stream_of_who_is_at_the_case_brings_it_and_no_other(current, wang, lin, case):
    stream = process.create_app(current)
    feed = stream.extensions["stream"] = Feed(current.sessions, lambda: iter(()))
    listening = []
    for member in (wang, lin):
        reader = stream.test_client()
        reader.set_cookie("frontline", member.get_cookie("frontline").value)
        listening.append(iter(reader.get("/api/v1/stream?after=0").response))
        next(listening[-1])
    current.broker.hint = feed.pass_on
    looks(wang, case)
    looks(lin, case)
    told = next(listening[0])
    assert told.decode() == f'event: company\ndata: {{"case": "{case}"}}\n\n'
    feed.pass_on(json.dumps({"case": "CS-1", "to": [console.user_id(current, "lin")]}))
    assert b"CS-1" in next(listening[1])


def replies(member, case, text, seen, key):
    form = {"text": text, "seen": seen, "key": key}
    return member.post(f"/console/cases/{case}/reply", data=form, headers=PANE)


def test_of_two_who_answer_at_once_the_second_is_told_who_was_faster_and_what_was_said(current, wang, lin, case):
    seen = _newest(current, case)
    assert replies(lin, case, "我先回：明天寄出", seen, "click-1").status_code == 200
    refused = replies(wang, case, "後天寄出", seen, "click-2")
    assert refused.status_code == 409
    assert "lin剛剛回覆了顧客，看完再決定要不要送出你的回覆。" in words(refused)
    assert "我先回：明天寄出" in words(refused)
    assert "後天寄出" in words(refused)  # the draft
    assert replies(wang, case, "補充：附折價券", _newest(current, case), "click-3").status_code == 200


def test_ones_own_words_from_another_window_stop_nobody(current, wang, case):
    seen = _newest(current, case)
    assert replies(wang, case, "您好", seen, "click-1").status_code == 200
    assert replies(wang, case, "我在查", seen, "click-2").status_code == 200


def test_a_program_is_told_the_same(app, current, lin, case):
    seen = _newest(current, case)
    replies(lin, case, "明天寄出", seen, "click-1")
    boss = hired(app, "supervisor")
    refused = boss.post(f"/tickets/{case}/reply", text="後天", seen_message_id=seen)
    assert (refused.status_code, refused.json["type"]) == (409, "urn:frontline:stale")


def _newest(current, case):
    with current.sessions() as session:
        return session.scalar(select(func.max(Message.id)))
