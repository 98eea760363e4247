"""Webhooks that are wrong somewhere: never a 500, no healthy neighbour lost, nothing stored twice, and turns go on.

A few here; ten thousand each with `--hypothesis-profile many`.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.models import Event, Message
from bot.services import Services
from bot.settings import Settings
from tests import builders, meta
from tests.fakes_graph import FakeGraph
from tests.mutating import line_events, line_webhook, meta_events, mutated

pytestmark = pytest.mark.by_hand
many = examples.get_current_profile_name() == "many"
anything = examples(
    max_examples=10_000 if many else 40, deadline=None, suppress_health_check=list(HealthCheck), database=None
)


@dataclass(frozen=True)
class Inlet:
    """A webhook: what comes in by it, and how it is signed."""

    path: str
    events: Callable[[str], list[dict[str, Any]]]
    wraps: Callable[..., dict[str, Any]]
    signed: Callable[[Any], tuple[bytes, dict[str, str]]]
    healthy: Callable[[], dict[str, Any]]
    named: Callable[[dict[str, Any]], str]

    def takes(self, client: FlaskClient, body: Any) -> int:
        data, headers = self.signed(body)
        return client.post(self.path, data=data, headers=headers).status_code


INLETS = [
    Inlet(
        path="/webhooks/line",
        events=line_events,
        wraps=line_webhook,
        signed=lambda body: builders.signed(json.dumps(body).encode()),
        healthy=lambda: builders.event("Uneighbour", message={"id": meta.mid()[-40:], "type": "sticker"}),
        named=lambda made: made["message"]["id"],
    ),
    Inlet(
        path="/webhooks/messenger",
        events=meta_events,
        wraps=meta.webhook,
        signed=meta.signed,
        healthy=lambda: meta.event("neighbour", message={"mid": meta.mid()[-40:], "sticker_id": 1}),
        named=lambda made: made["message"]["mid"],
    ),
]


@pytest.fixture(params=INLETS, ids=["line", "messenger"])
def inlet(request: pytest.FixtureRequest) -> Inlet:
    found: Inlet = request.param
    return found


@pytest.fixture
def graph() -> Iterator[FakeGraph]:
    platform = meta.graph()
    yield platform
    platform.stop()


@pytest.fixture
def settings(settings: Settings, graph: FakeGraph) -> Settings:
    return settings.model_copy(update=meta.settings_of(graph))


def stored(current: Services) -> int:
    with current.sessions() as session:
        return session.scalar(select(func.count()).select_from(Event)) or 0


def test_no_webhook_breaks_us(inlet: Inlet, client: FlaskClient, current: Services, work: Callable[[], None]) -> None:
    neighbours: list[str] = []

    @anything
    @given(st.data())
    def comes(data: st.DataObject) -> None:
        odd = data.draw(mutated(data.draw(st.sampled_from(inlet.events("mutant")))))
        before, after = inlet.healthy(), inlet.healthy()
        body = inlet.wraps(before, odd, after)
        assert inlet.takes(client, body) == 200
        count = stored(current)
        assert inlet.takes(client, body) == 200
        assert stored(current) == count, "it was stored twice"
        neighbours.extend(map(inlet.named, (before, after)))

    comes()
    work()
    stuck = (Event.state != "done", Event.kind != "unreadable", Event.conversation_id.is_not(None))
    with current.sessions() as session:
        known = session.scalars(select(Message.external_id).where(Message.external_id.in_(neighbours))).all()
        failed = session.scalars(select(Event.error).where(*stuck)).all()
    assert sorted(known) == sorted(neighbours), "a neighbour was lost, or is there twice"
    assert failed == [], "a turn could not digest what the webhook had taken"


def test_no_envelope_breaks_us(inlet: Inlet, client: FlaskClient) -> None:
    @anything
    @given(st.data())
    def comes(data: st.DataObject) -> None:
        body = data.draw(mutated(inlet.wraps(inlet.healthy(), inlet.healthy())))
        assert inlet.takes(client, body) in (200, 400)

    comes()
