"""Ready means that a message that comes now would be answered; each part is named."""

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from rq import SimpleWorker
from sqlalchemy import event
from sqlalchemy.orm import InstrumentedAttribute

from bot import sweeper, webhooks
from bot.broker import BUILDS, FILES, QUEUES, TURNS
from bot.health.state import NOT_DONE, NOT_SENT
from bot.models import Event, OutboxRow
from bot.services import Services
from tests.trouble import away


@pytest.fixture
def worker(current: Services) -> Iterator[SimpleWorker]:
    """One that takes from every queue."""
    worker = SimpleWorker([current.broker.queue(name) for name in QUEUES], connection=current.broker.redis)
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
    assert checks(client) == {"database": "ok", "disk": "ok", "queue": "ok", "nlu": "ok", "line": "ok"}


def test_without_those_who_fetch_and_build_customers_are_answered_and_it_says_what_waits(
    client: FlaskClient, current: Services, worker: SimpleWorker
) -> None:
    sweeper.say_alive(current)
    worker.register_death()
    worker.queues = [current.broker.queue(TURNS)]
    worker.register_birth()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert "pictures" in answer.get_json()["checks"][FILES]
    assert "releases" in answer.get_json()["checks"][BUILDS]


def test_figures_name_what_is_not_done(client: FlaskClient) -> None:
    assert "frontline_oldest_event_seconds 0.0" in client.get("/metrics").get_data(as_text=True)


@pytest.mark.by_hand
def test_counters_are_told_while_the_database_is_away(client: FlaskClient, current: Services) -> None:
    refused = {"channel": "line", "reason": "not_stored"}
    webhooks.refused.labels(**refused).inc()
    with away(current):
        answer = client.get("/metrics")
    assert answer.status_code == 200
    assert 'frontline_webhook_refused_total{channel="line",reason="not_stored"}' in answer.get_data(as_text=True)
    assert "frontline_oldest_event_seconds" not in answer.get_data(as_text=True)


@pytest.mark.by_hand
@pytest.mark.parametrize(("state", "states"), [(Event.state, NOT_DONE), (OutboxRow.state, NOT_SENT)])
def test_figures_look_only_at_what_is_left(
    client: FlaskClient, current: Services, state: InstrumentedAttribute[str], states: tuple[str, ...]
) -> None:
    """An index finds the few that are named among the many that are done with."""
    asked: list[str] = []
    event.listen(current.engine, "before_cursor_execute", lambda _, __, statement, *___: asked.append(statement))
    client.get("/metrics")
    table = state.class_.__tablename__
    assert [one for one in asked if f"FROM {table}" in one and "GROUP BY" in one and " IN (" in one]
    assert not [one for one in asked if "!=" in one]
    documented = set(re.findall(r"\w+", (state.class_.__doc__ or "").split("state:")[1].split("`")[0]))
    assert set(states) <= documented
