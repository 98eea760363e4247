"""The real Rasa server with our classifier in it: it learns over HTTP, agrees with the embedded engine, dies, and is
replaced by another. With every intent that is shipped, and some sentences of each; docs/nlu.md tells of all of them.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from prometheus_client import REGISTRY

import webhook_app
from bot import db
from bot.clock import now
from bot.matrix import answered
from bot.models import Release
from bot.nlu import heldout, rasa_server, release, shipped
from bot.nlu.policy import load
from bot.nlu.rasa_training import project
from bot.nlu.training import train
from bot.nlu.training_data import Example
from bot.ports import Nlu, Understanding
from bot.settings import Settings
from tests.running_rasa import TOKEN, RunningRasa, running_rasa

DIGEST = "5e5a" * 16
SENTENCES = 10  # of each intent; to learn all of them takes minutes
EVERY = 3  # of the messages of strangers
AGREEMENT, NEAR = 0.99, 0.02


@pytest.fixture(scope="module")
def rasa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRasa]:
    with running_rasa(tmp_path_factory.mktemp("rasa")) as started:
        yield started


@pytest.fixture(scope="module")
def lesson() -> list[Example]:
    """Some sentences of every intent, from all over its list, in the order in which they are shipped."""
    examples = shipped.examples()
    sizes, seen = Counter(example.intent for example in examples), Counter[str]()
    chosen = []
    for example in examples:
        if seen[example.intent] % max(1, sizes[example.intent] // SENTENCES) == 0:
            chosen.append(example)
        seen[example.intent] += 1
    return chosen


@pytest.fixture(scope="module")
def policy() -> dict[str, Any]:
    shipped_policy = load()[0]
    return {
        "answered": answered(shipped_policy),
        "categories": {name: own.category for name, own in shipped_policy.intents.items()},
    }


@pytest.fixture(scope="module")
def embedded(lesson: list[Example], policy: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An application that understands by itself; its active release is of this lesson."""
    settings = Settings(frontline_data=tmp_path_factory.mktemp("data"))
    db.migrate(settings)
    engine = db.connect(settings)
    with db.sessions(engine).begin() as session:
        row = Release(digest=DIGEST, learned=DIGEST, activated_at=now())
        session.add(row)
        session.flush()
        home = release.folder(settings, row.id)
    engine.dispose()
    home.mkdir(parents=True)
    train(lesson, **policy)[0].save(home)
    return settings


@pytest.fixture
def nlu(rasa: RunningRasa, embedded: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nlu]:
    """The understanding that is wired where RASA_URL names that server."""
    monkeypatch.setattr(rasa_server, "READ_SECONDS", 20.0)  # what it says is judged here, not how soon
    monkeypatch.setattr("bot.nlu.rasa.PATIENCE_SECONDS", 20.0)
    engine = db.connect(embedded)
    served = embedded.model_copy(update={"rasa_url": rasa.url, "rasa_token": TOKEN})
    yield webhook_app.wire(served, db.sessions(engine)).nlu
    engine.dispose()


@pytest.fixture
def who_understands(nlu: Nlu, lesson: list[Example]) -> Callable[[], str]:
    """Which engine answers, with what both have learned."""

    def ask() -> str:
        understanding = nlu.parse([lesson[0].text])[0]
        assert understanding.ranking[0][0] == lesson[0].intent
        return understanding.engine

    return ask


def test_a_server_without_a_model_is_not_waited_for(
    rasa: RunningRasa, nlu: Nlu, who_understands: Callable[[], str]
) -> None:
    assert who_understands() == "embedded"
    rasa.wait_until_it_answers()
    assert nlu.trouble() == "server 1: has no model yet; the embedded engine understands in their place"


@pytest.fixture(scope="module")
def taught(rasa: RunningRasa, lesson: list[Example], policy: dict[str, Any]) -> RunningRasa:
    """The server, once it has learned the lesson over HTTP."""
    rasa.wait_until_it_answers()
    told = {"answered": sorted(policy["answered"]), "categories": policy["categories"], "embedding": True}
    rasa.server.load(rasa.server.train(project(lesson, release=DIGEST, **told)))
    return rasa


def test_what_it_learned_over_http_agrees_with_the_embedded_engine(
    taught: RunningRasa, nlu: Nlu, embedded: Settings, policy: dict[str, Any], who_understands: Callable[[], str]
) -> None:
    """Of what strangers wrote, the messages of the shipped tests, both make the same."""
    assert not nlu.trouble()
    assert who_understands() == "rasa"
    assert not nlu.parse(["/want_human"])[0].rule  # a command to Rasa, only a customer's text to us

    files = [*heldout.shipped(), heldout.TESTS / "regression.yml"]
    asked = [case.text for file in files for case in heldout.read(file)][::EVERY]
    engine = db.connect(embedded)
    ours = webhook_app.wire(embedded, db.sessions(engine)).nlu.parse(asked)
    engine.dispose()
    theirs = [nlu.parse([text])[0] for text in asked]
    assert {understanding.engine for understanding in theirs} == {"rasa"}
    agreed = [_agree(one, other) for one, other in zip(ours, theirs, strict=True)]
    assert len({understanding.intent for understanding in ours}) > len(policy["categories"]) / 2
    assert sum(agreed) / len(agreed) >= AGREEMENT


def _agree(one: Understanding, other: Understanding) -> bool:
    near = abs(one.confidence - other.confidence) <= NEAR
    return (one.intent, one.sure) == (other.intent, other.sure) and near


def test_when_it_is_killed_the_embedded_engine_understands_until_another_serves(
    taught: RunningRasa, nlu: Nlu, monkeypatch: pytest.MonkeyPatch, who_understands: Callable[[], str]
) -> None:
    monkeypatch.setattr("bot.nlu.rasa.REST_SECONDS", 0.5)
    assert who_understands() == "rasa"
    before = REGISTRY.get_sample_value("frontline_nlu_fallbacks_total") or 0.0
    taught.kill()
    with structlog.testing.capture_logs() as logs:
        assert who_understands() == "embedded"
    assert [line["event"] for line in logs][:2] == ["nlu.rasa_rests", "nlu.embedded_instead"]
    assert REGISTRY.get_sample_value("frontline_nlu_fallbacks_total") == before + 1
    assert nlu.trouble().startswith("server 1: ConnectionError; the embedded")

    taught.start()
    taught.wait_until(lambda: who_understands() == "rasa")
    assert not nlu.trouble()
