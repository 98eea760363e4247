"""One message that asks for several things: what is safe is answered, the rest reaches a person, nothing is lost."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from bot.models import JournalEntry
from bot.services import Services
from faq.answers import PublishedAnswers
from handoff.models import Ticket
from tests.builders import Customer
from tests.engines import Knows
from tests.fakes import FakeLine

pytestmark = [pytest.mark.by_hand, pytest.mark.both_engines]  # the stories decide what the understanding knows
Work = Callable[[], None]

KNOWN = {
    "運費": "shipping_fee",
    "刷卡": "payment_methods",
    "取消": "cancel_order",
    "地址": "change_order",
    "尺寸": "size_spec",
    "謝謝": "thanks_bye",
    "天氣": "out_of_scope",
    "扣款": "double_charge",
    "退款": "refund_progress",
}


@pytest.fixture(autouse=True)
def understanding(knows: Knows) -> None:
    knows(KNOWN)


def cases(current: Services) -> list[Ticket]:
    with current.sessions() as session:
        return list(session.scalars(select(Ticket)))


def test_two_safe_questions_get_two_answers(chen: Customer, line: FakeLine, work: Work, current: Services) -> None:
    chen.writes("運費怎麼算?可以刷卡嗎?")
    work()
    assert len(line.said) == 2
    assert "80" in line.said[0]
    assert line.said[1] != line.said[0]
    assert len(line.sends()) == 1
    assert cases(current) == []


@pytest.mark.parametrize("link", ["另外", "還有", "順便問"])
def test_that_two_safe_questions_are_linked_makes_them_no_case(
    chen: Customer, line: FakeLine, work: Work, current: Services, link: str
) -> None:
    chen.writes(f"運費怎麼算 {link}可以刷卡嗎")
    work()
    assert len(line.said) == 2
    assert "80" in line.said[0]
    assert cases(current) == []


def test_what_stands_in_a_list_is_asked_for_whatever_its_words(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    chen.writes("1.運費怎麼算 2.可以刷卡嗎 3.那盒大的尺寸")
    work()
    assert len(line.said) == 3
    chen.writes("1.運費怎麼算 2.那盒大的")
    work()
    assert "那盒大的" in line.said[-1] or "換個說法" in line.said[-1]
    assert cases(current) == []


def test_the_safe_one_is_answered_and_the_other_becomes_a_case(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    chen.writes("運費怎麼算?另外我的退款呢,訂單 GB1118-20731")
    work()
    [case] = cases(current)
    assert "80" in line.said[0]
    assert case.number in line.said[1]
    assert len(line.sends()) == 1
    assert (case.intent, case.facts["order_number"]) == ("refund_progress", "GB1118-20731")
    assert "訂單編號" not in line.said[1]
    assert case.summary == "運費怎麼算?另外我的退款呢,訂單 GB1118-20731"


def test_what_was_told_before_is_not_asked_again_and_the_person_reads_it_all(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    chen.writes("訂單 GB1118-20731 的運費怎麼算?")
    work()
    chen.writes("我被重複扣款了")
    work()
    [case] = cases(current)
    assert case.facts["order_number"] == "GB1118-20731"
    assert "訂單編號" not in line.said[-1]
    assert case.summary == "訂單 GB1118-20731 的運費怎麼算?\n我被重複扣款了"


def test_what_was_taken_back_was_never_told(chen: Customer, line: FakeLine, work: Work, current: Services) -> None:
    [sent] = chen.writes("訂單 GB1118-20731 的運費怎麼算?")
    work()
    chen.does("unsend", unsend={"messageId": sent["message"]["id"]})
    work()
    chen.writes("我被重複扣款了")
    work()
    [case] = cases(current)
    assert "order_number" not in case.facts
    assert case.summary == "我被重複扣款了"


def test_what_was_told_two_days_ago_is_no_fact_of_today(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    with time_machine.travel(datetime(2026, 11, 20, 10, 0, tzinfo=UTC), tick=False) as clock:
        chen.writes("訂單 GB1118-20731 的運費怎麼算?")
        work()
        clock.shift(timedelta(days=2))
        chen.writes("我被重複扣款了")
        work()
    [case] = cases(current)
    assert "order_number" not in case.facts
    assert "訂單編號" in line.said[-1]


def test_the_person_reads_what_the_bot_has_answered(chen: Customer, work: Work, current: Services) -> None:
    chen.writes("運費怎麼算?另外我想取消訂單,還有地址要改")
    work()
    with current.sessions() as session:
        [opened] = session.scalars(select(JournalEntry.data).where(JournalEntry.kind == "ticket.opened"))
        [decided] = session.scalars(select(JournalEntry.data).where(JournalEntry.kind == "turn.decided"))
    assert "機器人已回答：運費怎麼算" in opened["reasons"]
    assert "同一則訊息也要處理：改收件人、電話或地址" in opened["reasons"]
    assert decided["requests"] == [["shipping_fee", "auto"], ["cancel_order", "hybrid"], ["change_order", "hybrid"]]


def test_messages_of_one_turn_are_requests_too(chen: Customer, line: FakeLine, work: Work, current: Services) -> None:
    chen.writes("運費怎麼算", "訂單 GB1118-20731 我要查退款")
    work()
    assert "80" in line.said[0]
    assert [case.intent for case in cases(current)] == ["refund_progress"]


def test_the_safe_one_is_answered_and_the_other_is_asked_about_first(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    chen.writes("運費怎麼算?另外我想取消訂單 GB1118-20731")
    work()
    assert "80" in line.said[0]
    assert "請問原因是什麼呢" in line.said[1]
    assert len(line.sends()) == 1
    assert cases(current) == []


def test_what_is_not_understood_beside_an_answer_is_asked_about(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    chen.writes("運費怎麼算?那個東西怎麼弄呢?")
    work()
    assert "80" in line.said[0]
    assert "那個東西怎麼弄呢" in line.said[1] or "換個說法" in line.said[1]
    assert cases(current) == []


def test_thanks_and_small_talk_are_no_requests(chen: Customer, line: FakeLine, work: Work, current: Services) -> None:
    chen.writes("運費怎麼算?今天天氣好嗎?謝謝你們啦")
    work()
    assert len(line.said) == 1
    assert "80" in line.said[0]


def test_who_is_in_need_hears_no_price_list(chen: Customer, line: FakeLine, work: Work, current: Services) -> None:
    chen.writes("你們的杯子割到我的手流血了!另外運費怎麼算?")
    work()
    assert len(line.said) == 1
    assert "119" in line.said[0]
    assert cases(current)[0].level == "L1"


def test_a_wish_for_a_person_at_the_end_wins(chen: Customer, line: FakeLine, work: Work, current: Services) -> None:
    chen.writes("運費怎麼算?算了,叫你們客服來")
    work()
    assert len(line.said) == 1
    assert cases(current)[0].category == "want_human"


def test_money_goes_to_a_person_while_the_rest_is_answered(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    chen.writes("我的卡被重複扣款了怎麼辦?另外想問尺寸怎麼看")
    work()
    [case] = cases(current)
    assert (case.intent, case.level) == ("double_charge", "L2")
    assert len(line.said) == 2


def test_who_asks_the_same_a_third_time_gets_a_person(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    for words in ("運費怎麼算?", "所以運費是多少?", "我還是不懂運費"):
        chen.writes(words)
        work()
    assert [case.intent for case in cases(current)] == ["shipping_fee"]
    assert cases(current)[0].number not in line.said[1]
    assert cases(current)[0].number in line.said[2]


def test_thanks_are_said_often_and_mean_no_trouble(chen: Customer, work: Work, current: Services) -> None:
    for _ in range(4):
        chen.writes("謝謝你們")
        work()
    assert cases(current) == []


def test_a_campaign_reply_without_an_article_is_thanked_for_and_never_queued(
    chen: Customer, line: FakeLine, work: Work, current: Services, knows: Knows, monkeypatch: pytest.MonkeyPatch
) -> None:
    knows({"問卷": "survey_reply"})
    monkeypatch.setattr(PublishedAnswers, "find", lambda *_: None)
    chen.writes("問卷:1A 2B")
    work()
    assert line.said == ["收到，謝謝您的參與！"]
    assert cases(current) == []


def test_a_question_without_an_article_takes_a_doubt_along_to_the_person(
    chen: Customer, line: FakeLine, work: Work, current: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PublishedAnswers, "find", lambda *_: None)
    chen.writes("運費怎麼算?那個東西怎麼弄呢?")
    work()
    [case] = cases(current)
    assert (case.intent, case.reason) == ("shipping_fee", "沒有已上線的答案")
    assert line.said[0].count(case.number) == 1


def test_who_asks_more_than_the_bot_can_keep_apart_gets_a_person_who_reads_it_all(
    chen: Customer, work: Work, current: Services
) -> None:
    everything = "運費怎麼算?怎麼退貨?可以刷卡嗎?幾天會到?點數怎麼用?"
    chen.writes(everything)
    work()
    [case] = cases(current)
    assert case.summary == everything


def test_two_things_that_are_not_understood_go_to_a_person_with_the_rest(
    chen: Customer, work: Work, current: Services
) -> None:
    chen.writes("運費怎麼算?那個東西怎麼弄呢?另外那件事可以嗎?")
    work()
    [case] = cases(current)
    assert "那件事" in case.summary


def test_the_same_question_over_and_over_is_one(chen: Customer, line: FakeLine, work: Work, current: Services) -> None:
    chen.writes("運費怎麼算?" * 6)
    work()
    assert "80" in line.said[0]
    assert cases(current) == []
