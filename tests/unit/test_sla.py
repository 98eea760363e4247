"""What a case is promised: its due times, and the sentence that the customer reads."""

import dataclasses
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff import sla
from handoff.hours import OpeningHours

TAIPEI = ZoneInfo("Asia/Taipei")
SHOP = OpeningHours.parse("09:00-21:00", TAIPEI)
RULES = sla.shipped("09:00-21:00", TAIPEI)
levels = st.sampled_from(["L1", "L2", "L3"])
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
waits = st.timedeltas(timedelta(), timedelta(hours=5))


def taipei(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TAIPEI)


def promise(level: str, at: datetime, hours: OpeningHours | None = None, **known: object) -> sla.Promise:
    targets = RULES.targets(sla.Case(level))
    return sla.promise(targets, at, hours or RULES.hours(RULES.calendar(targets, "service")), **known)


def told(level: str, at: str, **known: object) -> str:
    return promise(level, taipei(at), **known).for_case("CS-261121-0042")


@pytest.mark.parametrize(
    ("level", "first", "resolution"), [("L1", 15, 2 * 60), ("L2", 30, 24 * 60), ("L3", 60, 48 * 60)]
)
def test_the_shipped_targets_are_those_of_the_house(level, first, resolution):
    targets = RULES.targets(sla.Case(level))
    assert (targets.first, targets.resolution) == (timedelta(minutes=first), timedelta(minutes=resolution))
    assert targets.around_the_clock is (level == "L1")


@pytest.mark.parametrize(("level", "words"), [("L1", "15 分鐘"), ("L2", "30 分鐘"), ("L3", "1 小時")])
def test_in_opening_hours_the_customer_hears_the_target_of_the_level(level, words):
    told_now = told(level, "2026-11-21T14:00")
    assert told_now == f"已轉給客服專員（案件 CS-261121-0042），{words}內會有人回覆您。"


def test_after_hours_the_customer_hears_of_tomorrow_morning():
    spoken = told("L2", "2026-11-21T23:00")
    assert spoken == "已記錄（案件 CS-261121-0042），將於次日 9 點前優先處理，最晚 9 點 30 分前回覆您。"


def test_before_opening_the_same_day_is_called_today():
    assert (
        told("L3", "2026-11-21T03:00") == "已記錄（案件 CS-261121-0042），將於今天 9 點前優先處理，最晚 10 點前回覆您。"
    )


def test_an_injury_at_three_in_the_morning_is_answered_in_a_quarter_of_an_hour():
    assert "15 分鐘內會有人回覆您" in told("L1", "2026-11-21T03:00")


def test_ten_minutes_before_closing_the_other_twenty_are_of_the_next_day():
    spoken = told("L2", "2026-11-21T20:50")
    assert spoken == "已記錄（案件 CS-261121-0042），將於次日 9 點前優先處理，最晚 9 點 20 分前回覆您。"


def test_after_a_long_weekend_the_day_is_named():
    office = RULES.hours("office")
    spoken = promise("L2", taipei("2026-10-08T20:00"), office).text
    assert "將於 10 月 12 日 9 點前優先處理，最晚 9 點 30 分前回覆您" in spoken


def test_an_opening_at_half_past_is_told_to_the_minute():
    late = OpeningHours.parse("10:30-18:00", TAIPEI)
    assert "次日 10 點 30 分前優先處理，最晚 11 點前" in promise("L2", taipei("2026-11-21T19:00"), late).text


def test_who_writes_english_reads_english():
    assert told("L2", "2026-11-21T14:00", language="en") == (
        "A member of our staff has your case (CS-261121-0042) and will reply within 30 minutes."
    )
    recorded = told("L2", "2026-11-21T23:00", language="en")
    assert "with priority by 9:00 tomorrow, and you will have our reply by 9:30 at the latest." in recorded
    assert "by 9:00 on 12 Oct," in promise("L2", taipei("2026-10-08T20:00"), RULES.hours("office"), language="en").text


def test_a_language_that_we_have_no_sentences_for_is_answered_in_chinese():
    assert told("L2", "2026-11-21T14:00", language="other") == told("L2", "2026-11-21T14:00")


@pytest.mark.parametrize(
    ("language", "words"), [("zh-TW", "急事也可以用這個方式找到我們：02-1234-5678。"), ("en", "02-1234-5678.")]
)
def test_a_second_way_to_reach_somebody_is_named_where_there_is_one(language, words):
    assert told("L2", "2026-11-21T14:00", language=language, second="02-1234-5678").endswith(words)


def test_where_people_waited_longer_the_customer_hears_that():
    slow = promise("L2", taipei("2026-11-21T14:00"), usual=timedelta(minutes=47))
    assert "現在詢問的人比較多，大約 50 分鐘內會有人回覆您" in slow.text
    assert slow.told == taipei("2026-11-21T14:50")
    assert slow.first_response_due == taipei("2026-11-21T14:30"), "what we tell does not loosen what we owe"


def test_a_wait_that_reaches_past_closing_is_told_as_the_morning():
    slow = promise("L2", taipei("2026-11-21T20:00"), usual=timedelta(hours=2))
    assert "將於次日 9 點前優先處理，最晚 10 點前回覆您" in slow.text


def test_short_waits_do_not_shorten_the_promise():
    assert "30 分鐘內" in told("L2", "2026-11-21T14:00", usual=timedelta(minutes=3))


def test_resolution_counts_opening_hours_only():
    assert promise("L2", taipei("2026-11-21T09:00")).resolution_due == taipei("2026-11-22T21:00")


def test_who_asks_again_hears_the_time_promised_before():
    due = taipei("2026-11-21T14:15")
    assert "最晚今天 14 點 15 分前" in sla.reminder("CS-261121-0042", due, taipei("2026-11-21T14:10"), SHOP)
    assert "by 14:15 today" in sla.reminder("CS-261121-0042", due, taipei("2026-11-21T14:10"), SHOP, "en")


def test_a_broken_promise_is_not_repeated():
    due = taipei("2026-11-21T14:15")
    assert "14 點" not in sla.reminder("CS-261121-0042", due, taipei("2026-11-21T14:20"), SHOP)


@given(levels, moments, waits)
def test_the_sentence_says_a_span_only_when_somebody_is_there_at_its_end(level, at, usual):
    made = promise(level, at, SHOP, usual=usual)
    assert ("內會有人回覆您" in made.text) == (made.told == at + made.wait and SHOP.is_open(at))
    assert made.told >= made.first_response_due
    assert SHOP.between(at, made.told) == made.wait


@given(levels, moments)
def test_what_is_due_after_a_night_leaves_the_whole_target_after_the_opening(level, at):
    made, target = promise(level, at, SHOP), RULES.targets(sla.Case(level)).first
    assert SHOP.between(at, made.first_response_due) == target
    if not SHOP.is_open(at):
        assert made.first_response_due == SHOP.next_open(at) + target
    assert made.first_response_due not in (SHOP.next_open(at), SHOP.next_opening(at)), "nobody is late at the opening"


def test_a_target_that_ends_as_we_close_is_kept_today():
    assert promise("L2", taipei("2026-11-21T20:30")).first_response_due == taipei("2026-11-21T21:00")


def test_a_target_longer_than_a_day_names_the_day_of_its_end():
    targets = dataclasses.replace(RULES.targets(sla.Case("L2")), first=timedelta(hours=20))
    text = sla.promise(targets, taipei("2026-11-21T23:00"), SHOP).text
    assert "將於次日 9 點前優先處理，最晚 11 月 23 日 17 點前回覆您" in text


@given(levels, moments, st.timedeltas(timedelta(), timedelta(hours=20)))
def test_a_later_case_is_never_due_earlier(level, at, later):
    early, late = promise(level, at), promise(level, at + later)
    assert early.first_response_due <= late.first_response_due
    assert early.resolution_due <= late.resolution_due
    assert early.first_response_due <= early.resolution_due
