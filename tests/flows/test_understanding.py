"""The shipped understanding, as customers and operators meet it: releases, judgement, and its command."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from sqlalchemy import select

from bot import db
from bot.assessment import assess
from bot.cli.nlu import nlu
from bot.cli.root import Root
from bot.matrix import Decision, decide
from bot.models import Release
from bot.nlu import embedding, precomputed, release, shipped
from bot.nlu.embedded import Embedded
from bot.nlu.files import LANGUAGE, ROOT
from bot.nlu.policy import load
from bot.nlu.training_data import Example
from bot.ports import Understanding
from bot.services import Services
from bot.settings import Settings

WORDS = {"greeting": "早安你好", "thanks_bye": "謝謝再見"}
FEW = [Example(f"{word}{n}", intent) for intent, word in WORDS.items() for n in "一二三四五六"]


def _judged(engine: Embedded, text: str) -> tuple[Understanding, Decision]:
    policy, lexicon = load()
    understanding = engine.parse([text])[0]
    return understanding, decide(understanding, assess(text, understanding, policy, lexicon), policy)


@pytest.fixture
def engine(trained: Path) -> Embedded:
    """The shipped release, read where it was trained."""
    settings = Settings(frontline_data=trained, database_url="")
    return Embedded(settings, db.sessions(db.connect(settings)))


def test_messages_that_no_release_may_get_wrong(engine: Embedded) -> None:
    messages = yaml.safe_load((ROOT / LANGUAGE / "tests" / "regression.yml").read_text("utf-8"))
    right, answered, misled = 0, 0, []
    for message in messages:
        understanding, decision = _judged(engine, message["text"])
        right += understanding.intent == message["intent"]
        answered += decision.route == "auto"
        if decision.route == "auto" and (message["route"] != "auto" or decision.intent != message["intent"]):
            misled.append(message["text"])
    assert right / len(messages) >= 0.88
    assert answered >= 25
    assert len(misled) <= 0.05 * answered, misled


@pytest.mark.parametrize("text", ["運費怎麼算?", "运费怎么算", "運費怎麼算!!!!", "　運費怎麼算？？"])
def test_a_customer_gets_the_same_answer_however_he_writes(engine: Embedded, text: str) -> None:
    understanding, decision = _judged(engine, text)
    assert (understanding.intent, decision.route) == ("shipping_fee", "auto")


@pytest.mark.parametrize("text", ["asdkjh qwe", "🐸🐸🐸", "8888", "ㄅㄆㄇㄈ", "誰會贏世界盃"])
def test_nonsense_is_never_answered(engine: Embedded, text: str) -> None:
    assert _judged(engine, text)[1].route == "clarify"


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Settings, db.Sessions]:
    """A data folder without a release, and little to learn."""
    settings = Settings(frontline_data=tmp_path, database_url="")
    db.migrate(settings)
    monkeypatch.setattr(shipped, "examples", lambda: FEW)
    return settings, db.sessions(db.connect(settings))


def test_the_first_start_trains_and_the_second_finds_the_work_done(empty: tuple[Settings, db.Sessions]) -> None:
    first = release.train_shipped(*empty)
    assert release.train_shipped(*empty).id == first.id
    assert first.metrics["texts"] == len(FEW)
    assert Embedded(*empty).parse(["早安你好七"])[0].release == str(first.id)


def test_what_another_embedding_learned_is_learned_anew(
    empty: tuple[Settings, db.Sessions], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "trouble", lambda: "")
    first = release.train_shipped(*empty)
    monkeypatch.setattr(precomputed, "maker", lambda: "99")
    assert not release.readable(first)
    assert release.train_shipped(*empty).id != first.id
    monkeypatch.setattr(embedding, "trouble", lambda: "none here")
    assert release.readable(first), "by the characters that it learned too"


def test_two_starts_at_once_make_one_release(empty: tuple[Settings, db.Sessions]) -> None:
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda _: release.train_shipped(*empty).id, range(2)))
    settings, sessions = empty
    with sessions() as session:
        assert [row.id for row in session.scalars(select(Release))] == [made[0]] == [made[1]]
    assert sorted(path.name for path in (settings.data / "releases").iterdir()) == [".lock", str(made[0])]


@pytest.mark.parametrize("harm", [lambda home: home.rename(home.with_name("0")), lambda home: _cut(home / "model.npz")])
def test_a_harmed_artefact_is_made_again(empty: tuple[Settings, db.Sessions], harm: Callable[[Path], object]) -> None:
    first = release.train_shipped(*empty)
    harm(release.folder(empty[0], first.id))
    assert Embedded(*empty).parse(["早安你好七"])[0].engine == "rules"
    assert release.train_shipped(*empty).id == first.id
    assert Embedded(*empty).parse(["早安你好七"])[0].engine == "embedded"


def _cut(path: Path) -> None:
    """As a full disk leaves it."""
    path.write_bytes(path.read_bytes()[:1000])


def test_a_failed_training_leaves_nothing_behind(
    empty: tuple[Settings, db.Sessions], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(release, "write", full)
    with pytest.raises(OSError, match="no space"):
        release.train_shipped(*empty)
    settings, sessions = empty
    with sessions() as session:
        assert session.scalars(select(Release)).all() == []
    assert [path.name for path in (settings.data / "releases").iterdir()] == [".lock"]


def test_an_operator_asks_from_the_terminal(current: Services) -> None:
    root = Root(prepare=lambda _: None, install=lambda _: current, load_demo=lambda _: None)
    result = CliRunner().invoke(nlu, ["parse"], input="運費怎麼算\n我要找真人\n\n", obj=root)
    fee, person, nothing = (json.loads(line) for line in result.stdout.splitlines())
    assert {"text", "intent", "category", "confidence", "risk", "complexity", "level", "route", "reasons"} <= set(fee)
    assert (fee["route"], person["route"], nothing["text"]) == ("auto", "human", "")


def test_an_engine_is_measured_on_other_peoples_data(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text("\n".join(json.dumps({"text": e.text, "intent": e.intent}) for e in FEW), "utf-8")
    result = CliRunner().invoke(nlu, ["benchmark", "--train", str(path), "--test", str(path)])
    figures = json.loads(result.stdout)
    assert figures["accuracy"] == 1.0
    assert figures["test"] == len(FEW)
    assert figures["p50_ms"] > 0
