"""The month's pushes are used up: replies go on, pushes wait in order, staff are told in time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from bot import outbox, sweeper
from bot.models import Account, JournalEntry
from bot.services import Services
from tests.fakes import FakeLine
from tests.speaking import Work, calls, has_a_free_reply, meets, says, states

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def time() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def account(current: Services) -> Account:
    with current.sessions() as session:
        return session.scalars(select(Account)).one()


def alarms(current: Services) -> list[int]:
    with current.sessions() as session:
        told = select(JournalEntry).where(JournalEntry.kind == "quota.alarm").order_by(JournalEntry.id)
        return [entry.data["percent"] for entry in session.scalars(told)]


def test_when_the_pushes_are_used_up_they_wait_and_nobody_else_asks(
    current: Services, line: FakeLine, time: time_machine.Traveller
) -> None:
    chen, huang = meets(current, "Uchen"), meets(current, "Uhuang")
    line.quota = 0
    says(current, "一", to=chen)
    outbox.deliver(chen)
    says(current, "二", to=huang)
    outbox.deliver(huang)
    assert states(current) == ["queued", "queued"]
    assert len(line.sends()) == 1
    assert alarms(current) == [100]


def test_replies_go_on_and_take_along_what_waits(
    current: Services, line: FakeLine, time: time_machine.Traveller
) -> None:
    meets(current)
    line.quota = 0
    says(current, "一")
    outbox.deliver(1)
    time.shift(timedelta(hours=2))
    has_a_free_reply(current)
    says(current, "二", speaker="bot", name="小幫手")
    outbox.deliver(1)
    assert line.arrived == [("王志豪", "一"), ("小幫手", "二")]
    assert calls(line) == [("push", 1), ("reply", 2)]


def test_a_free_reply_brings_what_waits_although_nobody_says_anything_new(
    current: Services, line: FakeLine, time: time_machine.Traveller
) -> None:
    meets(current)
    line.quota = 0
    says(current, *"一二三四五六")
    outbox.deliver(1)
    has_a_free_reply(current)
    outbox.deliver(1)
    assert line.said == list("一二三四五")
    assert states(current)[-1] == "queued"


def test_pushes_go_on_when_more_are_bought(
    current: Services, line: FakeLine, work: Work, time: time_machine.Traveller
) -> None:
    meets(current)
    line.quota = 0
    says(current, "一")
    outbox.deliver(1)
    assert account(current).push_paused_until is not None
    line.quota = 200
    time.shift(timedelta(minutes=16))
    sweeper.read_quotas(current)
    work()  # a worker asks LINE
    work()
    assert line.said == ["一"]
    assert account(current).push_paused_until is None


def test_pushes_go_on_when_the_month_turns_in_tokyo(
    current: Services, line: FakeLine, work: Work, time: time_machine.Traveller
) -> None:
    meets(current)
    line.quota = 0
    time.move_to(datetime(2026, 11, 30, 14, 30, tzinfo=UTC))
    says(current, "一")
    outbox.deliver(1)
    line.quota = 200
    time.move_to(datetime(2026, 11, 30, 14, 59, tzinfo=UTC))
    work()
    assert line.said == []
    time.move_to(datetime(2026, 11, 30, 15, 1, tzinfo=UTC))
    work()
    assert line.said == ["一"]


def test_what_people_wrote_waits_for_the_quota_for_weeks(
    current: Services, line: FakeLine, work: Work, time: time_machine.Traveller
) -> None:
    meets(current)
    line.quota = 0
    says(current, *"一二三四五六")
    for _ in range(8):
        outbox.deliver(1)
        time.shift(timedelta(days=1))
    assert states(current) == ["queued"] * 6
    line.quota = 200
    time.move_to(datetime(2026, 11, 30, 15, 1, tzinfo=UTC))
    work()
    assert line.said == list("一二三四五六")


def test_the_bots_answer_waits_for_the_quota_for_an_hour(
    current: Services, line: FakeLine, time: time_machine.Traveller
) -> None:
    meets(current)
    line.quota = 0
    says(current, "一", speaker="bot", name="小幫手")
    outbox.deliver(1)
    time.shift(timedelta(minutes=61))
    outbox.deliver(1)
    assert states(current) == ["failed"]


def test_a_gauge_that_lags_behind_a_refusal_is_not_believed(
    current: Services, line: FakeLine, time: time_machine.Traveller
) -> None:
    meets(current)
    line.quota, line.pushed, line.refuses_pushes = 200, 199, True
    says(current, "一")
    for _ in range(4):
        outbox.deliver(1)
        time.shift(timedelta(minutes=16))
        outbox.read_quota(1)
    assert len(line.sends()) == 1
    line.quota, line.refuses_pushes = 210, False  # a few more are bought
    outbox.read_quota(1)
    outbox.deliver(1)
    assert line.said == ["一"]


def test_staff_are_told_at_80_90_and_100_per_cent_once_a_month(
    current: Services, line: FakeLine, time: time_machine.Traveller
) -> None:
    meets(current)
    line.quota = 200
    for used in (0, 159, 160, 165, 185, 200, 200):
        line.pushed = used
        outbox.read_quota(1)
    assert alarms(current) == [80, 90, 100]
    time.shift(timedelta(days=10))
    line.pushed = 170
    outbox.read_quota(1)
    assert alarms(current) == [80, 90, 100, 80]


def test_line_is_asked_every_quarter_of_an_hour(
    current: Services, line: FakeLine, work: Work, time: time_machine.Traveller
) -> None:
    meets(current)
    asked = []
    for _ in range(40):
        sweeper.read_quotas(current)
        work()
        asked.append(sum(call.path.endswith("/consumption") for call in line.calls))
        time.shift(timedelta(minutes=1))
    assert (asked[0], asked[14], asked[-1]) == (1, 1, 3)


def test_a_plan_without_a_limit_alarms_nobody(current: Services, line: FakeLine) -> None:
    meets(current)
    line.pushed = 100_000
    outbox.read_quota(1)
    assert alarms(current) == []
    assert (account(current).quota_limit, account(current).quota_used) == (None, 100_000)


def test_a_platform_that_does_not_tell_leaves_the_last_figures(current: Services, line: FakeLine) -> None:
    meets(current)
    line.quota, line.pushed = 200, 20
    outbox.read_quota(1)
    line.stop()
    outbox.read_quota(1)
    assert (account(current).quota_limit, account(current).quota_used) == (200, 20)
    line.comes_back()


def test_the_figures_are_on_the_metrics_page(current: Services, line: FakeLine, client: FlaskClient) -> None:
    meets(current)
    line.quota, line.pushed = 200, 20
    outbox.read_quota(1)
    page = client.get("/metrics").text
    assert 'frontline_push_quota_limit{account="1"} 200.0' in page
    assert 'frontline_push_quota_used{account="1"} 20.0' in page
