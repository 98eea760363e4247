"""Learning: honest probabilities, thresholds that keep their promise, and a model that survives the disk."""

from pathlib import Path

import numpy as np
import pytest

from bot.nlu.calibration import ENOUGH, choose, probabilities, risk_coverage, temperature
from bot.nlu.features import MOST_CHARACTERS, Vocabulary, ngrams, prepare
from bot.nlu.model import Model
from bot.nlu.training import train
from bot.nlu.training_data import Example

SUBJECTS = ["蘋果", "水餃", "床包", "洗髮精", "牛奶", "餅乾", "電風扇", "保溫瓶", "毛巾", "衛生紙", "咖啡", "芒果"]
EXAMPLES = [
    Example(wording.format(subject), intent)
    for intent, wordings in {
        "stock": ["{}還有貨嗎", "{}什麼時候補貨", "還買得到{}嗎"],
        "damaged": ["收到的{}壞掉了", "{}打開就破了", "{}有瑕疵"],
        "origin": ["{}是哪裡產的", "{}的成分是什麼", "請問{}產地"],
    }.items()
    for wording in wordings
    for subject in SUBJECTS
]


@pytest.fixture(scope="module")
def model() -> Model:
    return train(EXAMPLES, frozenset({"stock", "origin"}))[0]


def test_what_was_learned_is_understood_also_with_new_goods(model: Model) -> None:
    for text, intent in [("荔枝還有貨嗎", "stock"), ("收到的荔枝壞掉了", "damaged"), ("荔枝是哪裡產的", "origin")]:
        assert model.predict(text).ranking[0][0] == intent


def test_nonsense_is_not_sure(model: Model) -> None:
    for text in ("asdf qwer", "ㄎㄎㄎ", "🐸🐸", "1234", ""):
        assert not model.predict(text).sure


def test_the_embedding_is_asked_only_where_characters_do_not_suffice(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: str) -> None:
        raise AssertionError("asked")

    monkeypatch.setattr("bot.nlu.model.vector", refuse)
    assert model.predict("蘋果還有貨嗎").sure
    with pytest.raises(AssertionError):
        model.predict("這跟那個一樣嗎")


def test_a_model_says_the_same_after_a_night_on_disk(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path)
    again = Model.load(tmp_path)
    for text in ("水餃還有貨嗎", "可以請問一下", "破"):
        assert again.predict(text) == model.predict(text)


def test_training_twice_gives_the_same_model(model: Model) -> None:
    again = train(EXAMPLES, frozenset({"stock", "origin"}))[0]
    assert np.array_equal(again.lean.weights, model.lean.weights)
    assert again.full.answer == model.full.answer


def test_figures_are_out_of_fold() -> None:
    shuffled = [Example(example.text, EXAMPLES[(7 * at) % len(EXAMPLES)].intent) for at, example in enumerate(EXAMPLES)]
    assert train(shuffled, frozenset({"stock"}))[1]["accuracy"] < 0.6


def test_facts_and_endless_texts_are_cut_before_learning() -> None:
    assert prepare("訂單GB1118-20731出貨沒") == prepare("訂單GB1118-99999出貨沒")
    assert len(prepare("長長短短" * 5000)) <= MOST_CHARACTERS


def test_only_shared_ngrams_become_columns() -> None:
    vocabulary = Vocabulary.learn(["甲乙", "甲丙"])
    assert set(vocabulary.columns) == {" ", "甲", " 甲"}
    assert vocabulary.row("丁")[0].tolist() == [vocabulary.columns[" "]]
    assert ngrams("甲")[" 甲 "] == 1


def test_a_threshold_keeps_the_promised_rate_of_errors() -> None:
    random = np.random.default_rng(1)
    confidence = random.uniform(0, 1, 2000)
    wrong = random.uniform(0, 1, 2000) > confidence
    threshold = choose(confidence, np.ones(2000), wrong, 0.05)
    acted = confidence >= threshold.accept
    assert wrong[acted].mean() <= 0.05
    assert acted.sum() > 100


def test_a_few_lucky_texts_prove_nothing() -> None:
    sure = np.ones(ENOUGH - 1)
    assert choose(sure, sure, np.zeros(ENOUGH - 1, dtype=bool), 0.05).accept == 1.0
    assert choose(sure[:0], sure[:0], np.zeros(0, dtype=bool), 0.05).accept == 1.0


def test_boasting_scores_are_cooled_down() -> None:
    scores = np.tile([5.0, 0.0], (100, 1))
    truth = np.array([0] * 70 + [1] * 30)
    assert probabilities(scores, temperature(scores, truth))[0, 0] == pytest.approx(0.7, abs=0.1)


def test_the_risk_coverage_curve_ends_at_the_overall_error() -> None:
    curve = risk_coverage(np.linspace(0, 1, 100), np.arange(100) < 30)
    assert curve[-1] == {"coverage": 1.0, "risk": 0.3, "confidence": 0.0}
    assert curve[0]["risk"] == 0.0
