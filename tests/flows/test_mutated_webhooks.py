"""Webhooks that are wrong somewhere: never a 500, no healthy neighbour lost, nothing stored twice, and turns go on.

Ten thousand events of each platform, a hundred a call, as a rush would bring them; the same at each run. On PostgreSQL
two thousand: how they are read is the same, and in so many each sort of mutant is stored dozens of times.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from bot import turn
from bot.models import Event, Message
from bot.services import Services
from bot.settings import Settings
from tests import builders, meta
from tests.engines import Knows
from tests.fakes_graph import FakeGraph
from tests.mutating import line_events, line_webhook, meta_events, mutated

pytestmark = pytest.mark.by_hand
MANY, ELSEWHERE, A_CALL, CUSTOMERS, REDELIVERIES = 10_000, 2_000, 100, 10, 5
ENVELOPES = 300


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


def of_meta(account: str) -> Inlet:
    """That of a Page or an Instagram account."""
    return Inlet(
        path="/webhooks/messenger",
        events=partial(meta_events, account=account),
        wraps=partial(meta.webhook, account=account),
        signed=meta.signed,
        healthy=lambda: meta.event("neighbour", account, message={"mid": meta.mid()[-40:], "sticker_id": 1}),
        named=lambda made: made["message"]["mid"],
    )


INLETS = [
    Inlet(
        path="/webhooks/line",
        events=line_events,
        wraps=line_webhook,
        signed=lambda body: builders.signed(json.dumps(body).encode()),
        healthy=lambda: builders.event("Uneighbour", message={"id": meta.mid()[-40:], "type": "sticker"}),
        named=lambda made: made["message"]["id"],
    ),
    of_meta(meta.PAGE),
    of_meta(meta.SHOP),
]


@pytest.fixture(params=INLETS, ids=["line", "messenger", "instagram"])
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


@pytest.fixture(autouse=True)
def understanding(knows: Knows) -> None:
    """Whatever is said is understood at once: this is about what comes in."""
    knows({"運費": "shipping_fee", "真人": "want_human"})


def stored(current: Services) -> int:
    with current.sessions() as session:
        return session.scalar(select(func.count()).select_from(Event)) or 0


def digest(current: Services) -> None:
    """All that waits is dealt with, customer by customer."""
    with current.sessions() as session:
        waits = select(Event.conversation_id).where(Event.state == "waiting", Event.conversation_id.is_not(None))
        those = session.scalars(waits.distinct()).all()
    for conversation in those:
        turn.drain(conversation)


@pytest.fixture
def many(postgres: str | None) -> int:
    return ELSEWHERE if postgres else MANY


def odd_ones(inlet: Inlet, chance: Random, many: int) -> Iterator[list[Any]]:
    """Mutants of every sort, of several customers, by the call."""
    for _ in range(many // A_CALL):
        known = inlet.events(f"mutant{chance.randrange(CUSTOMERS)}")
        yield [mutated(chance, chance.choice(known)) for _ in range(A_CALL)]


def arrives(inlet: Inlet, client: FlaskClient, body: Any) -> int:
    """The platform's last word: a hundred events that a busy machine has no time for (503) come again, as a whole."""
    answers = (inlet.takes(client, body) for _ in range(REDELIVERIES))
    return next((status for status in answers if status != 503), 503)


def test_no_event_breaks_us(inlet: Inlet, client: FlaskClient, current: Services, many: int) -> None:
    neighbours: list[str] = []
    for odd in odd_ones(inlet, Random(8), many):
        before, after = inlet.healthy(), inlet.healthy()
        body = inlet.wraps(before, *odd, after)
        assert arrives(inlet, client, body) == 200
        count = stored(current)
        assert arrives(inlet, client, body) == 200
        assert stored(current) == count, "it was stored twice"
        neighbours += map(inlet.named, (before, after))
        digest(current)
    stuck = (Event.state != "done", Event.kind != "unreadable", Event.conversation_id.is_not(None))
    with current.sessions() as session:
        known = session.scalars(select(Message.external_id).where(Message.external_id.in_(neighbours))).all()
        failed = session.execute(select(Event.error, Event.raw).where(*stuck)).all()
    assert sorted(known) == sorted(neighbours), "a neighbour was lost, or is there twice"
    assert failed == [], "a turn could not digest what the webhook had taken"


def test_no_envelope_breaks_us(inlet: Inlet, client: FlaskClient) -> None:
    chance = Random(9)
    for _ in range(ENVELOPES):
        body = mutated(chance, inlet.wraps(inlet.healthy(), inlet.healthy()))
        assert inlet.takes(client, body) in (200, 400)
