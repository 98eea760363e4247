from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff import sla
from handoff.hours import OpeningHours

TAIPEI = ZoneInfo("Asia/Taipei")
SHOP = OpeningHours.parse("09:00-21:00", TAIPEI)
levels = st.sampled_from(["L1", "L2", "L3"])
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


def taipei(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TAIPEI)


def told(level: str, at: str) -> str:
    return sla.promise(level, taipei(at), SHOP).for_case("CS-261121-0042")


@pytest.mark.parametrize(("level", "words"), [("L1", "15 分鐘"), ("L2", "30 分鐘"), ("L3", "1 小時")])
def test_in_opening_hours_the_customer_hears_the_target_of_the_level(level, words):
    told_now = told(level, "2026-11-21T14:00")
    assert told_now == f"已轉給客服專員（案件 CS-261121-0042），{words}內會有人回覆您。"


def test_after_hours_the_customer_hears_of_tomorrow_morning():
    assert told("L1", "2026-11-21T23:00") == "已記錄（案件 CS-261121-0042），將於次日 9 點前優先處理。"


def test_before_opening_the_same_day_is_called_today():
    assert told("L1", "2026-11-21T03:00") == "已記錄（案件 CS-261121-0042），將於今天 9 點前優先處理。"


def test_ten_minutes_before_closing_nobody_promises_fifteen():
    assert told("L1", "2026-11-21T20:50") == "已記錄（案件 CS-261121-0042），將於次日 9 點前優先處理。"


def test_an_opening_at_half_past_is_told_to_the_minute():
    late = OpeningHours.parse("10:30-18:00", TAIPEI)
    assert "次日 10 點 30 分前" in sla.promise("L1", taipei("2026-11-21T19:00"), late).text


def test_a_case_of_the_evening_is_due_at_the_opening():
    evening = sla.promise("L2", taipei("2026-11-21T22:00"), SHOP)
    assert evening.first_response_due == taipei("2026-11-22T09:00")


def test_resolution_counts_opening_hours_only():
    assert sla.promise("L1", taipei("2026-11-21T20:00"), SHOP).resolution_due == taipei("2026-11-22T10:00")
    assert sla.promise("L2", taipei("2026-11-21T09:00"), SHOP).resolution_due == taipei("2026-11-22T21:00")


def test_who_asks_again_hears_the_time_promised_before():
    due = taipei("2026-11-21T14:15")
    assert "最晚今天 14 點 15 分前" in sla.reminder("CS-261121-0042", due, taipei("2026-11-21T14:10"), SHOP)


def test_a_broken_promise_is_not_repeated():
    due = taipei("2026-11-21T14:15")
    assert "14 點" not in sla.reminder("CS-261121-0042", due, taipei("2026-11-21T14:20"), SHOP)


@given(levels, moments)
def test_the_sentence_says_minutes_only_when_the_clock_holds_them(level, at):
    promise = sla.promise(level, at, SHOP)
    in_time = promise.first_response_due == at + sla.rules()[level].first_response
    assert ("內會有人回覆您" in promise.text) == (in_time and SHOP.is_open(at))
    assert SHOP.is_open(promise.first_response_due)


@given(levels, moments, st.timedeltas(timedelta(), timedelta(hours=20)))
def test_a_later_case_is_never_due_earlier(level, at, later):
    early, late = sla.promise(level, at, SHOP), sla.promise(level, at + later, SHOP)
    assert early.first_response_due <= late.first_response_due
    assert early.resolution_due <= late.resolution_due
    assert early.first_response_due <= early.resolution_due
