"""The desk on an afternoon: a shop without processes, and a case that an agent has."""

import pytest
import time_machine

from tests import desk
from tests.desk import AFTERNOON


@pytest.fixture
def shop(tmp_path, postgres):
    with desk.shop(tmp_path, postgres) as shop, time_machine.travel(AFTERNOON, tick=False):
        yield shop


@pytest.fixture
def session(shop):
    with shop.sessions() as session:
        yield session
        session.rollback()


@pytest.fixture
def case(session):
    case = desk.claimed_case(session)
    session.commit()
    return case
