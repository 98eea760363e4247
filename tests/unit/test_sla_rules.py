"""The rules as a supervisor writes them: which row fits a case, and what is said of a mistake."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import yaml

from handoff import sla
from handoff.hours import OpeningHours

TAIPEI = ZoneInfo("Asia/Taipei")
DAILY = OpeningHours.parse("09:00-21:00", TAIPEI)
ROWS = """
  - {level: L2, tier: vip, channel: line, first: 10 min, next: 10 min, resolution: 4 h}
  - {level: [L2, L3], type: complaint, first: 20 min, next: 20 min, resolution: 8 h, customer: 1 h}
  - {level: L1, hours: always, first: 15 min, next: 15 min, resolution: 2 h}
  - {level: L2, first: 30 min, next: 30 min, resolution: 24 h}
  - {level: L3, first: 1 h 30 min, next: 1 h, resolution: 48 h}
"""
OTHER = """
ladder: [{at: 50, to: agent}, {at: 100, to: lead}]
calendars:
  shop: {holidays: TW, closed: [2026-12-31, 2027-02-01..2027-02-03], open: {2027-02-02: "10:00-12:00"}}
  night: {week: {fri-sat: "22:00-02:00", sun: closed}}
teams: {orders: night}
"""


def rules(rows: str = ROWS, other: str = OTHER) -> sla.Rules:
    return sla.read(f"targets:{rows}{other}", DAILY, version=7)


def first(**case: str) -> timedelta:
    return rules().targets(sla.Case(**case)).first


def test_the_first_row_that_fits_counts():
    assert first(level="L2", tier="vip", channel="line") == timedelta(minutes=10)
    assert first(level="L2", tier="vip", channel="messenger") == timedelta(minutes=30)
    assert first(level="L3", type="complaint") == timedelta(minutes=20)
    assert first(level="L3", type="question") == timedelta(minutes=90)
    assert first(level="L1", type="complaint") == timedelta(minutes=15)


def test_a_team_runs_by_its_own_calendar_unless_the_row_says_always():
    read = rules()
    usual, urgent = read.targets(sla.Case("L2")), read.targets(sla.Case("L1"))
    assert read.calendar(usual, "orders") == "night"
    assert read.calendar(usual, "service") == "shop"
    assert read.hours(read.calendar(urgent, "orders")).is_open(datetime(2026, 11, 22, 3, tzinfo=TAIPEI))


def test_closures_ranges_and_days_of_their_own_are_read():
    shop = rules().hours("shop")
    assert [shop.on(date(2027, 2, day)) != () for day in (1, 2, 3)] == [False, True, False]
    assert shop.on(date(2026, 12, 31)) == ()
    assert shop.on(date(2026, 12, 25)) == (), "a public holiday"


def test_a_slot_over_midnight_is_read():
    night = rules().hours("night")
    assert night.is_open(datetime(2026, 11, 22, 1, 59, tzinfo=TAIPEI)), "Saturday's slot, on Sunday morning"
    assert not night.is_open(datetime(2026, 11, 22, 22, 0, tzinfo=TAIPEI))


@pytest.mark.parametrize(
    ("wrong", "right", "field", "why"),
    [
        ("first: 30 min", "first: 30", "targets[3].first", "30"),
        ("first: 30 min", "first: 0 min", "targets[3].first", "時間長度"),
        ("first: 30 min, ", "", "targets[3].first", "少了"),
        ("first: 30 min", "frist: 30 min, first: 30 min", "targets[3].frist", "沒有這個欄位"),
        ("level: L1", "level: L4", "targets[2].level[0]", "L1"),
        ("level: L1", "level: L1, channel: line", "targets", "L1"),
        ("hours: always", "hours: never", "targets[2].hours", "team"),
        ("at: 50", "at: 100", "ladder", "100"),
        ("at: 50", "at: half", "ladder[0].at", "整數"),
        ("to: lead", "to: boss", "ladder[1].to", "head"),
        ("to: lead", "to: lead, do: pray", "ladder[1].do[0]", "standby"),
        ("to: lead", "to: lead, do: [queue, lead]", "ladder[1].do", "只能選一個"),
        ("fri-sat", "fri-sut", "calendars.night.week.fri-sut", "星期"),
        ("22:00-02:00", "22-02", "calendars.night.week.fri-sat", "時段"),
        ("22:00-02:00", "closed", "calendars.night.week", "一整週"),
        ("holidays: TW", "holidays: TAIWAN", "calendars.shop.holidays", "TW"),
        ("2027-02-01..2027-02-03", "2027-02-03..2027-02-01", "calendars.shop.closed[1]", "日期"),
        ("2027-02-02:", "2027-02-30:", "calendars.shop.open.2027-02-30", "日期"),
        ("orders: night", "orders: nihgt", "teams.orders", "nihgt"),
        ("ladder: [", "ladder: [[", "", "YAML"),
    ],
)
def test_a_mistake_is_told_by_the_name_of_its_field(wrong, right, field, why):
    text = f"targets:{ROWS}{OTHER}"
    assert wrong in text
    with pytest.raises(sla.InvalidRules) as refused:
        sla.read(text.replace(wrong, right, 1), DAILY)
    assert [(mistake.field, why in str(mistake.why)) for mistake in refused.value.mistakes] == [(field, True)]


def test_what_a_newer_release_wrote_holds_without_the_fields_that_this_one_does_not_know():
    newer = f"targets:{ROWS}{OTHER}".replace("first: 30 min", "first: 30 min, warmth: 3").replace(
        "lead}", "lead, by: x}"
    )
    with pytest.raises(sla.InvalidRules):
        sla.read(newer, DAILY)
    assert sla.stored(newer, DAILY, 8) == sla.read(f"targets:{ROWS}{OTHER}", DAILY, 8)


@pytest.mark.parametrize("text", ["", "5", "[]", "targets: 5", "targets: {}", "\x00", "a: &a [*a]", yaml.safe_dump({})])
def test_whatever_is_no_set_of_rules_is_refused(text):
    with pytest.raises(sla.InvalidRules):
        sla.read(text, DAILY)


def test_every_mistake_is_told_at_once():
    text = f"targets:{ROWS}{OTHER}".replace("10 min", "10").replace("holidays: TW", "holidays: XX")
    with pytest.raises(sla.InvalidRules) as refused:
        sla.read(text, DAILY)
    assert {m.field for m in refused.value.mistakes} == {
        "targets[0].first",
        "targets[0].next",
        "calendars.shop.holidays",
    }
