"""Ready means that a message that comes now would be answered; each part is named."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from rq import SimpleWorker

from bot import sweeper
from bot.broker import TURNS
from bot.services import Services


@pytest.fixture
def worker(current: Services) -> Iterator[SimpleWorker]:
    worker = SimpleWorker([current.broker.queue(TURNS)], connection=current.broker.redis)
    worker.register_birth()
    yield worker
    worker.register_death()


def checks(client: FlaskClient) -> dict[str, str]:
    found: dict[str, str] = client.get("/readyz").get_json()["checks"]
    return found


def test_without_a_worker_it_is_not_ready(client: FlaskClient, current: Services) -> None:
    sweeper.say_alive(current)
    assert client.get("/readyz").status_code == 503
    assert checks(client)["queue"] == "no worker takes jobs"


@pytest.mark.by_hand
def test_without_a_ticker_it_is_not_ready(client: FlaskClient, worker: SimpleWorker) -> None:
    assert "ticker" in checks(client)["queue"]


def test_with_everything_at_work_it_is_ready(client: FlaskClient, current: Services, worker: SimpleWorker) -> None:
    sweeper.say_alive(current)
    assert checks(client) == {"database": "ok", "disk": "ok", "queue": "ok", "nlu": "ok"}


def test_figures_name_what_is_not_done(client: FlaskClient) -> None:
    assert "frontline_oldest_event_seconds 0.0" in client.get("/metrics").get_data(as_text=True)
