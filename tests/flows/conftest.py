"""The desk on an afternoon: a shop without processes, a case that an agent has, a customer who writes, and a colleague
at her console; where notices arrive.
"""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from bot.services import Services
from tests import desk
from tests.builders import Customer
from tests.console import signed_in
from tests.desk import AFTERNOON
from tests.fakes import FakeLine
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
def says(chen: Customer, line: FakeLine, work: Callable[[], None]) -> Callable[..., list[str]]:
    """The customer writes; what she hears."""

    def say(*texts: str) -> list[str]:
        before = len(line.said)
        chen.writes(*texts)
        work()
        return line.said[before:]

    return say


@pytest.fixture
def wang(app: Flask, current: Services) -> FlaskClient:
    """王敏 of the front line, at her console."""
    return signed_in(app, current, "wangmin", "agent")


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
