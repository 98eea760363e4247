"""A supervisor says when each team is there: sees it drawn, tries it, and every change is a version."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from handoff.assignment import teams
from handoff.clocks import versions
from handoff.sla import Case
from tests.console import words
from tests.flows.test_sla_rules import based_on, fields

PAGE = "/console/settings/calendars"
TAIPEI = ZoneInfo("Asia/Taipei")


@pytest.fixture
def form(lead, current):
    with current.sessions.begin() as session:
        teams.prepare(session, {"orders": "出貨與物流"})
    return lambda: fields(lead.get(PAGE))


def rules(current):
    with current.sessions() as session:
        return versions.current(session)


def test_several_hours_a_day_over_midnight_holidays_and_days_of_their_own(lead, current, form):
    changes = {
        "calendars.office.week.sat": "10:00-12:00, 22:00-02:00",
        "calendars.office.closed": "2027-03-04..2027-03-05",
        "calendars.office.open": "2027-02-28 09:00-18:00",
        "teams.orders": "office",
        "note": "春節",
    }
    assert "已儲存為第 1 版" in words(lead.post(PAGE, data=form() | changes, follow_redirects=True))
    kept = rules(current)
    office = kept.hours(kept.calendar(kept.targets(Case("L3", "orders")), "orders"))
    for day, hour, there in ((6, 23, True), (7, 1, True), (7, 3, False), (4, 10, False), (3, 10, True)):
        assert office.is_open(datetime(2027, 3, day, hour, 0, tzinfo=TAIPEI)) is there, (day, hour)
    assert office.is_open(datetime(2027, 2, 28, 17, 0, tzinfo=TAIPEI)), "a holiday that is worked all the same"
    assert not office.is_open(datetime(2027, 1, 1, 10, 0, tzinfo=TAIPEI))
    assert "first: 30 min" in versions_document(current), "what the page does not show stays"


def versions_document(current):
    with current.sessions() as session:
        return versions.document(session)


def test_the_week_is_drawn_with_what_goes_over_midnight_and_what_is_different(lead, form):
    lead.post(PAGE, data=form() | {"calendars.office.week.sun": "22:00-02:00", "calendars.office.open": ""})
    page = lead.get(PAGE).get_data(as_text=True)
    office = page.partition('<h2 id="calendar-2">')[2]
    bars = re.findall(r'<rect class="open" x="(\d+)" width="(\d+)"', office.partition("</dl>")[0])
    assert bars[0] == ("0", "120"), "of Monday the first two hours belong to Sunday's night"
    assert bars[-1] == ("1320", "120")
    assert "1/1（五）" in words(lead.get(PAGE))
    assert "中華民國開國紀念日" in words(lead.get(PAGE))


def test_a_moment_is_tried_before_anything_counts(lead, current, form):
    asked = {"at": "2026-11-27T20:00", "calendars.office.week.fri": "09:00-21:00"}
    before = words(lead.post(f"{PAGE}/preview", data=form() | {"at": asked["at"]}))
    assert "office 休息，11/30 09:00 開始" in before
    tried = words(lead.post(f"{PAGE}/preview", data=form() | asked))
    assert "office 營業中" in tried
    assert "L3 11/27 21:00" in tried
    assert rules(current).version == 0


def test_a_mistake_stands_at_its_calendar_and_nothing_typed_is_lost(lead, current, form):
    wrong = {"calendars.office.week.mon": "nine to five", "calendars.shop.closed": "2027-02-30", "note": "試試看"}
    answer = lead.post(PAGE, data=form() | wrong)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "「nine to five」不是時段" in page.partition('id="why-calendars.office.week"')[2][:400]
    assert "「2027-02-30」不是日期" in page.partition('id="why-calendars.shop.closed"')[2][:400]
    assert fields(answer)["calendars.office.week.mon"] == "nine to five"
    assert rules(current).version == 0


def test_a_calendar_is_added_and_removed_and_of_two_the_second_is_told(lead, current, form):
    seen = based_on(lead.get(PAGE))
    lead.post(PAGE, data=form() | {"calendar": "夜班"})
    assert "夜班" in rules(current).calendars
    late = lead.post(PAGE, data=form() | {"based_on": seen})
    assert (late.status_code, "別人剛剛改過規則" in words(late)) == (409, True)
    lead.post(PAGE, data=form() | {"calendars.夜班.gone": "1"})
    assert "夜班" not in rules(current).calendars
    assert "第 2 版" in words(lead.get(PAGE))
