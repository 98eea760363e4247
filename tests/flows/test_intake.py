"""Before a person takes over, the bot asks what a person will need: never twice, never into the void."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from bot import clock, services, sweeper
from bot.broker import TURNS
from bot.cli.worker import TAKES
from bot.models import Conversation, Event, Intake, JournalEntry, Message, OutboxRow
from bot.nlu import forms as shipped
from bot.nlu.embedded import Embedded
from bot.services import Services
from bot.turn import pausing
from handoff.models import Ticket
from tests import console, working
from tests.builders import Customer, file_event
from tests.engines import Knows
from tests.fakes import FakeLine
from tests.pictures import PROGRAM, picture

pytestmark = [pytest.mark.by_hand, pytest.mark.both_engines]  # the stories decide what the understanding knows
Work = Callable[[], None]

KNOWN = {
    "破": "damaged_item",
    "運費": "shipping_fee",
    "退款": "refund_request",
    "取消": "cancel_order",
    "謝謝": "thanks_bye",
    "太差勁": "complaint_service",
}
ORDER, ASKED = "GB1118-20731", "請問您的訂單編號是"


@pytest.fixture(autouse=True)
def understanding(knows: Knows) -> None:
    knows(KNOWN)


@pytest.fixture
def time() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(clock.now(), tick=False) as time:
        yield time


def case(current: Services) -> Ticket:
    with current.sessions() as session:
        return session.scalars(select(Ticket)).one()


def cases(current: Services) -> int:
    with current.sessions() as session:
        return len(session.scalars(select(Ticket)).all())


def row(current: Services) -> Intake:
    with current.sessions() as session:
        return session.scalars(select(Intake)).one()


def sends_photos(chen: Customer, line: FakeLine, count: int, what: bytes | None = None) -> None:
    for _ in range(count):
        made = file_event(chen.id)
        line.holds(made["message"]["id"], (200, what or picture()))
        assert chen.post(made) == 200


def buttons(line: FakeLine) -> list[str]:
    items = line.sends()[-1].body["messages"][-1]["quickReply"]["items"]
    return [item["action"]["label"] for item in items]


def test_damaged_goods_with_two_photos_a_mistyped_number_and_another_question(
    chen: Customer, line: FakeLine, work: Work, current: Services, says: Callable[..., list[str]], time
) -> None:
    [asked] = says("收到的杯子破了")
    assert asked.startswith("好的，幫您處理「商品破損或故障」。")
    assert ASKED in asked
    assert buttons(line) == ["我沒有，略過", "找真人"]
    assert says("在包裹上") == [shipped.words_in("zh-TW").slots["order_number"].again]
    fee, back = says("運費怎麼算?")
    assert "80" in fee
    assert back == f"回到剛才的「商品破損或故障」：\n{shipped.words_in('zh-TW').slots['order_number'].ask}"
    [photo] = says(ORDER)
    assert "拍照" in photo
    assert cases(current) == 0
    before = len(line.said)
    sends_photos(chen, line, 2)
    work()
    assert line.said[before:] == [], "more may follow"
    time.shift(timedelta(seconds=2))
    work()
    [done] = line.said[before:]
    found = case(current)
    assert found.number in done
    assert (found.intent, found.level, found.facts) == (
        "damaged_item",
        "L2",
        {"order_number": ORDER, "photo": "2"},
    )
    assert "尚缺" not in found.summary
    assert row(current).state == "handed_over"


def test_what_was_told_is_not_asked_for(says: Callable[..., list[str]], current: Services) -> None:
    assert says(f"衣服太大了要退款，訂單 {ORDER}")[0].startswith("謝謝，資料都記下來了。")
    assert case(current).facts == {"order_number": ORDER, "reason": "尺寸或顏色不合"}


def test_what_was_told_in_an_earlier_question_is_known(says: Callable[..., list[str]]) -> None:
    says(f"訂單 {ORDER} 的運費怎麼算?")
    assert ASKED not in says("收到就破了")[0]


def test_several_answers_at_once_in_any_order(says: Callable[..., list[str]], current: Services) -> None:
    assert ASKED in says("我要退款")[0]
    says(f"媽媽說很醜，訂單是 {ORDER}")
    says("媽媽說很醜")
    assert case(current).facts == {"order_number": ORDER, "reason": "媽媽說很醜"}


def test_a_question_that_needs_no_answer_here_is_passed_over(
    says: Callable[..., list[str]], line: FakeLine, current: Services
) -> None:
    says(f"訂單 {ORDER} 我要退款")
    assert buttons(line) == ["尺寸或顏色不合", "商品有問題", "不想要了", "我沒有，略過", "找真人"]
    assert "拍照" in says("商品有問題")[0]
    says("沒拍照")
    found = case(current)
    assert found.facts == {"order_number": ORDER, "reason": "商品有問題"}
    assert found.summary.endswith("（尚缺：照片或影片）")


def test_back_from_lunch_it_goes_on(says: Callable[..., list[str]], current: Services, time) -> None:
    says("收到的杯子破了")
    time.shift(timedelta(minutes=75))
    pausing.look(current)
    assert "拍照" in says(ORDER)[0]
    assert cases(current) == 0


def test_who_stays_away_gets_a_person_with_what_was_told(
    says: Callable[..., list[str]], line: FakeLine, work: Work, current: Services, time
) -> None:
    says(f"收到的杯子破了，訂單 {ORDER}")
    time.shift(timedelta(minutes=121))
    pausing.look(current)
    pausing.look(current)
    work()
    found = case(current)
    assert found.facts == {"order_number": ORDER}
    assert found.summary.endswith("（尚缺：照片或影片）")
    assert line.said[-1].startswith("「商品破損或故障」還缺照片或影片")
    assert found.number in line.said[-1]
    assert row(current).state == "handed_over"


def test_a_person_is_one_word_away_and_reads_what_was_told(says: Callable[..., list[str]], current: Services) -> None:
    says("我要退款")
    says(ORDER)
    [held] = says("我要找真人")
    found = case(current)
    assert found.number in held
    assert (found.category, found.priority, found.facts) == ("return_refund", "high", {"order_number": ORDER})
    assert "原因" in found.summary


def test_who_is_angry_meanwhile_gets_a_person_for_that(says: Callable[..., list[str]], current: Services) -> None:
    says(f"我要退款，訂單 {ORDER}")
    [held] = says("你們真的太差勁了")
    found = case(current)
    assert "抱歉" in held
    assert (found.category, found.level, found.facts["order_number"]) == ("complaint", "L2", ORDER)


def test_a_danger_within_an_answer_is_no_answer(says: Callable[..., list[str]], current: Services) -> None:
    says(f"我要取消，訂單 {ORDER}")
    says("走投無路，不想活了")
    found = case(current)
    assert (found.level, found.facts["order_number"]) == ("L1", ORDER)


def test_a_sticker_is_asked_about_once_gently_then_a_person_helps(
    chen: Customer, line: FakeLine, work: Work, current: Services, says: Callable[..., list[str]]
) -> None:
    says("收到的杯子破了")
    for _ in range(2):
        assert cases(current) == 0
        chen.does("message", message={"id": str(len(line.said)), "type": "sticker", "packageId": "1", "stickerId": "1"})
        work()
    assert line.said[-2] == shipped.words_in("zh-TW").slots["order_number"].again
    assert case(current).number in line.said[-1]


def test_who_needs_time_has_it(says: Callable[..., list[str]], current: Services) -> None:
    says("收到的杯子破了")
    assert [says("等我找一下") for _ in range(3)] == [["好的，不急。找到再傳給我就好。"]] * 3
    assert "拍照" in says(ORDER)[0]


def test_thanks_are_no_wrong_answer(says: Callable[..., list[str]], current: Services) -> None:
    says("收到的杯子破了")
    for _ in range(3):
        [said] = says("謝謝")  # nobody takes leave here
        assert ASKED in said
    assert cases(current) == 0


def test_who_wants_it_no_more_is_left_in_peace(says: Callable[..., list[str]], current: Services, time) -> None:
    says("我要取消訂單")
    assert says("算了") == ["好的，「取消訂單」先不處理。需要的時候，直接告訴我就好。"]
    time.shift(timedelta(days=1))
    pausing.look(current)
    assert (cases(current), row(current).state) == (0, "dropped")
    assert "80" in says("運費怎麼算?")[0]


def test_an_answer_that_is_taken_back_is_asked_for_again(
    chen: Customer, says: Callable[..., list[str]], work: Work, current: Services
) -> None:
    says("我要取消訂單")
    [sent] = chen.writes(f"訂單 {ORDER}")
    work()
    chen.does("unsend", unsend={"messageId": sent["message"]["id"]})
    work()
    assert ASKED in says("下錯了")[0]
    assert row(current).told == {"reason": "ordered_wrong"}


def test_what_is_taken_back_of_a_form_that_is_over_is_gone_from_it_and_from_the_case(
    chen: Customer, says: Callable[..., list[str]], work: Work, current: Services
) -> None:
    says("我要取消訂單")
    [sent] = chen.writes("訂單 ｇｂ１１１８－２０７３１")
    work()
    [reason] = chen.writes("我下錯了")
    work()
    assert case(current).facts == {"order_number": ORDER, "reason": "下錯訂單"}
    for one in (sent, reason):
        chen.does("unsend", unsend={"messageId": one["message"]["id"]})
    work()
    found = case(current)
    assert (found.facts, found.summary) == ({}, "我要取消訂單")
    assert (row(current).told, row(current).basis["found"]) == ({}, {})
    with current.sessions() as session:
        kinds = [entry.kind for entry in session.scalars(select(JournalEntry))]
    assert kinds.count("ticket.taken_back") == 2


def test_the_bot_does_not_go_on_repeating_what_was_taken_back(
    chen: Customer, says: Callable[..., list[str]], work: Work, current: Services
) -> None:
    [sent] = chen.writes("收到的杯子破了，我住中正路三段二號")
    work()
    with current.sessions() as session:
        assert session.scalars(select(Intake)).one().basis["text"] == sent["message"]["text"]
    chen.does("unsend", unsend={"messageId": sent["message"]["id"]})
    work()
    with current.sessions() as session:
        tables = (Message, OutboxRow, Intake, Event)
        stored = [str(vars(one)) for table in tables for one in session.scalars(select(table))]
    assert [one for one in stored if "中正路" in one] == []


def test_photos_that_came_before_the_words_count(
    chen: Customer, line: FakeLine, work: Work, current: Services, says: Callable[..., list[str]]
) -> None:
    sends_photos(chen, line, 1)
    work()
    says(f"收到就破了，訂單 {ORDER}")
    assert case(current).facts == {"order_number": ORDER, "photo": "1"}


def test_a_program_that_calls_itself_a_photo_is_none(
    chen: Customer, line: FakeLine, work: Work, current: Services, says: Callable[..., list[str]], time
) -> None:
    says("收到的杯子破了")
    sends_photos(chen, line, 1, PROGRAM)
    work()
    time.shift(timedelta(seconds=2))
    work()
    assert "拍照" in says(ORDER)[-1]
    assert cases(current) == 0


def only_turns(current: Services) -> None:
    """Nobody has come to the files yet."""
    sweeper.wake_events(current)
    working._empty(current, *TAKES[TURNS])


HUGE = bytes(1_000_001)


@pytest.mark.parametrize(("given", "count", "left"), [(PROGRAM, 1, None), (HUGE, 1, None), (PROGRAM, 2, "1")])
def test_a_file_that_is_refused_after_it_was_counted_is_told_and_counts_no_more(
    chen: Customer, line: FakeLine, work: Work, current: Services, given: bytes, count: int, left: str | None, time
) -> None:
    small = services.install(replace(current, settings=current.settings.model_copy(update={"attachment_mb": 1})))
    sends_photos(chen, line, 1, given)
    sends_photos(chen, line, count - 1)
    chen.writes(f"收到就破了，訂單 {ORDER}")
    time.shift(timedelta(seconds=2))
    only_turns(small)
    assert case(current).facts == {"order_number": ORDER, "photo": str(count)}
    before = len(line.said)
    working.do_all(small)
    work()
    assert case(current).facts == {"order_number": ORDER} | ({"photo": left} if left else {})
    assert [said for said in line.said[before:] if "沒辦法保存" in said] == line.said[before:]
    assert len(line.said[before:]) == 1


def test_an_album_that_cannot_be_kept_is_told_once_and_what_is_sent_again_is_told_again(
    chen: Customer, line: FakeLine, work: Work, time
) -> None:
    for times in (1, 2):
        sends_photos(chen, line, 3, PROGRAM)
        time.shift(timedelta(seconds=2))
        work()
        time.shift(timedelta(seconds=2))
        work()
        assert len([said for said in line.said if "沒辦法保存" in said]) == times


def test_a_colleague_takes_over_in_the_middle_with_what_was_told(
    app: Flask, current: Services, says: Callable[..., list[str]], time
) -> None:
    says(f"我要退款，訂單 {ORDER}")
    says("商品有問題")
    mei = console.signed_in(app, current, "mei", "agent")
    with current.sessions() as session:
        conversation = session.scalars(select(Conversation.id)).one()
    mei.post(f"/console/conversations/{conversation}/take-over")
    assert case(current).facts == {"order_number": ORDER, "reason": "商品有問題"}
    time.shift(timedelta(hours=3))
    pausing.look(current)
    assert (cases(current), row(current).state) == (1, "overtaken")


def test_a_form_that_is_no_more_ends_with_a_person(
    says: Callable[..., list[str]], work: Work, line: FakeLine, current: Services, time, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(f"收到的杯子破了，訂單 {ORDER}")
    fewer = shipped.forms().model_copy(update={"forms": {}})
    monkeypatch.setattr(shipped, "forms", lambda: fewer)
    time.shift(timedelta(hours=3))
    pausing.look(current)
    work()
    found = case(current)
    assert found.facts["order_number"] == ORDER
    assert found.number in line.said[-1]


def test_without_an_engine_a_number_is_still_a_number(
    says: Callable[..., list[str]], current: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    says("收到的杯子破了")

    def broken(_: Embedded, texts: list[str]) -> None:
        raise RuntimeError("no engine today")

    monkeypatch.setattr(Embedded, "parse", broken)
    assert "拍照" in says(f"訂單 {ORDER}")[0]
    assert cases(current) == 0


def test_the_record_tells_how_a_form_went(says: Callable[..., list[str]], current: Services) -> None:
    says(f"我要退款，訂單 {ORDER}")
    says("忘了")
    with current.sessions() as session:
        kinds = {entry.kind: entry.data for entry in session.scalars(select(JournalEntry))}
    assert kinds["intake.begun"]["form"] == "refund"
    assert kinds["intake.ended"] | {"intake_id": 0} == {
        "intake_id": 0,
        "form": "refund",
        "state": "handed_over",
        "why": "complete",
        "told": ["order_number"],
        "skipped": ["reason"],
    }
