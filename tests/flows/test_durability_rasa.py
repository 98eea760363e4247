"""A Rasa server is asked first: with it alone customers are answered; when it hangs they get a person, in seconds."""

import shutil
from collections.abc import Callable, Iterator

import pytest
import structlog
from flask.testing import FlaskClient
from sqlalchemy import select

from bot import rollout
from bot.models import JournalEntry
from bot.nlu.release import digest
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
def current(current: Services, rasa: FakeRasa) -> Services:
    """The server has learned the active release, and no embedded engine stands behind it."""
    rasa.release = digest(current.settings)
    shutil.rmtree(current.settings.data / "releases")
    return current


def test_a_server_that_answers_is_enough(chen: Customer, line: FakeLine, work: Work, rasa: FakeRasa) -> None:
    chen.writes("寄一箱運費怎麼算")
    work()
    assert rasa.asked == ["寄一箱運費怎麼算"]
    assert "80" in line.said[0]


@pytest.mark.parametrize("mood", ["slow", "broken", "babbling"])
def test_a_server_that_does_not_costs_no_customer_his_answer(
    chen: Customer, line: FakeLine, work: Work, current: Services, rasa: FakeRasa, mood: str
) -> None:
    rasa.mood = mood
    chen.writes("寄一箱運費怎麼算")
    work()
    with current.sessions() as session:
        case = session.scalars(select(Ticket)).one()
        seen = session.scalars(select(JournalEntry.data).where(JournalEntry.kind == "turn.understood")).one()
    assert case.number in line.said[0]
    assert seen["engine"] == "rules"


def test_a_server_of_another_release_is_shown_and_learns_the_active_one(
    client: FlaskClient, current: Services, rasa: FakeRasa
) -> None:
    rasa.release = "old"
    told = client.get("/readyz").get_json()["checks"]["rasa"]
    assert "serves release old" in told
    assert "the embedded engine understands" in told
    rollout.teach()
    assert rasa.release == digest(current.settings)
    assert client.get("/readyz").get_json()["checks"]["rasa"] == "ok"
    assert "- intent: shipping_fee" in rasa.trained[0]


def test_a_new_server_learns_the_active_release(client: FlaskClient, current: Services, rasa: FakeRasa) -> None:
    rasa.release, rasa.mood = "", "empty"
    assert "has no model yet" in client.get("/readyz").get_json()["checks"]["rasa"]
    rollout.teach()
    assert rasa.release == digest(current.settings)


def test_a_server_that_is_only_slow_or_broken_is_taught_nothing(
    current: Services, rasa: FakeRasa, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Learning takes minutes, during which it would answer nobody."""
    monkeypatch.setattr("bot.nlu.rasa_server.READ_SECONDS", 0.2)
    for rasa.mood in ("slow", "broken"):
        with structlog.testing.capture_logs() as logs:
            rollout.teach()
        assert [line["event"] for line in logs] == ["rollout.rasa_away"]
    assert not rasa.trained


def test_a_server_that_knows_the_release_is_left_in_peace(current: Services, rasa: FakeRasa) -> None:
    rollout.teach()
    assert not rasa.trained
