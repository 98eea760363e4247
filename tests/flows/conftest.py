"""The desk on an afternoon: a shop without processes, and a case that an agent has; where its notices arrive."""

from collections.abc import Iterator

import pytest
import time_machine

from tests import desk
from tests.desk import AFTERNOON
from tests.notices import Endpoint, Mailbox


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


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox().start()
    yield mailbox
    mailbox.stop()


@pytest.fixture
def pushes() -> Iterator[Endpoint]:
    endpoint = Endpoint().start()
    yield endpoint
    endpoint.stop()
