"""A Rasa server is asked first: with it alone customers are answered; when it hangs they get a person, in seconds."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from bot.models import JournalEntry
from bot.services import Services
from bot.settings import Settings
from handoff.models import Ticket
from tests.builders import Customer
from tests.fakes import FakeLine
from tests.fakes_nlu import TOKEN, FakeRasa, fake_rasa

pytestmark = pytest.mark.by_hand
Work = Callable[[], None]


@pytest.fixture
def rasa() -> Iterator[FakeRasa]:
    with fake_rasa() as server:
        yield server


@pytest.fixture
def settings(settings: Settings, rasa: FakeRasa) -> Settings:
    return settings.model_copy(update={"rasa_url": rasa.url, "rasa_token": TOKEN})


@pytest.fixture
def current(current: Services) -> Services:
    """No embedded engine stands behind it."""
    shutil.rmtree(current.settings.data / "releases")
    return current


def test_a_server_that_answers_is_enough(chen: Customer, line: FakeLine, work: Work, rasa: FakeRasa) -> None:
    chen.writes("運費怎麼算")
    work()
    assert rasa.asked == ["運費怎麼算"]
    assert "80" in line.said[0]


@pytest.mark.parametrize("mood", ["slow", "broken", "babbling"])
def test_a_server_that_does_not_costs_no_customer_his_answer(
    chen: Customer, line: FakeLine, work: Work, current: Services, rasa: FakeRasa, mood: str
) -> None:
    rasa.mood = mood
    chen.writes("運費怎麼算")
    work()
    with current.sessions() as session:
        case = session.scalars(select(Ticket)).one()
        seen = session.scalars(select(JournalEntry.data).where(JournalEntry.kind == "turn.understood")).one()
    assert case.number in line.said[0]
    assert seen["engine"] == "rules"
