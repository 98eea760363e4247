from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from handoff.models import TicketCounter
from handoff.numbers import next_number
from tests import desk

TAIPEI = ZoneInfo("Asia/Taipei")
NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)


@pytest.fixture
def sessions(tmp_path, postgres):
    with desk.shop(tmp_path, postgres) as shop:
        yield shop.sessions


def take(sessions, at=NOON):
    with sessions.begin() as session:
        return next_number(session, at, TAIPEI)


def test_the_first_case_of_a_day_is_number_one(sessions):
    assert [take(sessions), take(sessions)] == ["CS-261121-0001", "CS-261121-0002"]


def test_the_day_changes_at_midnight_of_the_shop(sessions):
    assert take(sessions, datetime(2026, 11, 21, 15, 59, tzinfo=UTC)) == "CS-261121-0001"
    assert take(sessions, datetime(2026, 11, 21, 16, 0, tzinfo=UTC)) == "CS-261122-0001"


def test_a_day_with_more_than_9999_cases_goes_on_counting(sessions):
    with sessions.begin() as session:
        session.add(TicketCounter(day="261121", last=9999))
    assert take(sessions) == "CS-261121-10000"


def test_a_case_that_is_rolled_back_leaves_its_number_to_the_next(sessions):
    with sessions() as session:
        next_number(session, NOON, TAIPEI)
        session.rollback()
    assert take(sessions) == "CS-261121-0001"


def test_many_workers_at_once_never_share_a_number(sessions):
    with ThreadPoolExecutor(8) as workers:
        given = list(workers.map(lambda _: take(sessions), range(80)))
    assert sorted(given) == [f"CS-261121-{n:04d}" for n in range(1, 81)]
