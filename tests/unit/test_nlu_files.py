"""Editors of nlu_data are told where a mistake is and how to mend it; the shipped files hold none."""

from pathlib import Path

import pytest

from bot.errors import ContentError
from bot.nlu import shipped
from bot.nlu.calibration import Threshold
from bot.nlu.phrases import parse_phrases
from bot.nlu.policy import load
from bot.nlu.training_data import Example, read, read_all, read_jsonl
from bot.nlu.understanding import understood

HEAD = "version: '3.1'\nnlu:\n"
A, B = "- intent: a\n  examples: |\n", "- intent: b\n  examples: |\n"


def _file(folder: Path, text: str) -> Path:
    path = folder / "nlu.yml"
    path.write_text(text, "utf-8")
    return path


def test_the_shipped_files_fit_together() -> None:
    policy, _ = load()
    by_intent: dict[str, int] = {}
    for example in shipped.examples():
        by_intent[example.intent] = by_intent.get(example.intent, 0) + 1
    assert set(by_intent) == set(policy.intents)
    assert min(by_intent.values()) >= 25
    assert {own.category for own in policy.intents.values()} == set(policy.categories)
    assert shipped.phrases().rules


def test_examples_are_read_in_rasas_format(tmp_path: Path) -> None:
    a = A + "    - 訂單[123](order_number)到了嗎\n    - 好\n    - 好\n"
    path = _file(tmp_path, HEAD + a + B + "    - 一\n    - 二\n")
    assert read(path) == [Example("訂單123到了嗎", "a"), Example("好", "a"), Example("一", "b"), Example("二", "b")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + A + "    - 一\n    二\n", ["nlu.yml:6", "intent a", "'二'"]),
        (HEAD + A + "    - 一\n" + B + "    - 一\n", ["nlu.yml:8", "intent b", "'一'", "a"]),
        (HEAD + "- intent: a\n  examples:\n    - 一\n", ["nlu.yml:3", "intent a", "examples: |"]),
        (HEAD + "- examples: |\n    - 一\n", ["nlu.yml:3", "intent:"]),
        (HEAD + A + "    - 一\n    - 二\n", ["1 intent", "two"]),
        (HEAD + A + "    - 一\n    - 二\n" + B + "    - 三\n", ["intent b", "1 example"]),
        ("nlu: {}\n", ["nlu.yml:1", "nlu"]),
        ("a: [", ["nlu.yml", "no YAML"]),
    ],
)
def test_an_editor_is_told_file_intent_and_line(tmp_path: Path, text: str, words: list[str]) -> None:
    with pytest.raises(ContentError) as refused:
        read(_file(tmp_path, text))
    assert all(word in str(refused.value) for word in words)


def test_one_sentence_means_one_thing_in_all_files(tmp_path: Path) -> None:
    first, second = tmp_path / "orders.yml", tmp_path / "money.yml"
    first.write_text(HEAD + A + "    - 到了嗎\n    - 一\n", "utf-8")
    second.write_text(HEAD + B + "    - 二\n    - 到了嗎\n", "utf-8")
    with pytest.raises(ContentError, match=r"money\.yml:6.*intent b.*'到了嗎'.*of a.*orders\.yml:5"):
        read_all([first, second])


def test_a_line_that_is_no_example_names_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "一", "intent": "a"}\n{"text": "二"}\n', "utf-8")
    with pytest.raises(ContentError, match=r"a\.jsonl:2"):
        read_jsonl(path)


def test_the_first_phrase_that_matches_decides_unless_it_is_silenced() -> None:
    phrases = parse_phrases(
        {
            "rules": [
                {"intent": "want_human", "any": ["真人"], "unless": ["真人實穿"]},
                {"intent": "size_spec", "patterns": ["真人.{0,2}照"]},
            ]
        }
    )
    assert [rule.intent for text in ("找真人", "真人實穿照", "請問") if (rule := phrases.first(text))] == [
        "want_human",
        "size_spec",
    ]


@pytest.mark.parametrize(
    ("learned", "meant"),
    [
        (("order_status", 0.9), "order_status"),
        (("order_status", 0.5), "want_human"),
        (("greeting", 0.9), "want_human"),
        (("out_of_scope", 0.9), "want_human"),
    ],
)
def test_a_phrase_that_yields_gives_way_to_a_matter_that_is_surely_understood(
    learned: tuple[str, float], meant: str
) -> None:
    rules = [{"intent": "want_human", "any": ["找客服"], "yields": True}, {"intent": "thanks_bye", "any": ["不必找"]}]
    told = understood("找客服", (learned,), Threshold(0.8), parse_phrases({"rules": rules}), "table", "")
    assert told.intent == meant


def test_behind_a_phrase_that_yields_another_may_decide() -> None:
    rules = [{"intent": "want_human", "any": ["客服"], "yields": True}, {"intent": "loan_apply", "any": ["我要貸款"]}]
    phrases = parse_phrases({"rules": rules})
    assert [rule.intent for sure in (False, True) if (rule := phrases.first("客服 我要貸款", surely=sure))] == [
        "want_human",
        "loan_apply",
    ]


def test_a_phrase_is_heard_in_any_script_and_width() -> None:
    rules = [{"intent": "want_human", "any": ["轉接真人"]}, {"intent": "greeting", "any": ["HELLO"]}]
    phrases = parse_phrases({"rules": rules})
    assert phrases.first("转接真人!!!!")
    assert phrases.first("ｈｅｌｌｏ")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"any": ["x"]}, ["rule 1", "no intent"]),
        ({"intent": "a", "patterns": ["["]}, ["rule 1 (a)", "'['"]),
        ({"intent": "a", "texts": ["x"]}, ["rule 1 (a)", "unknown texts"]),
        ({"intent": "a", "any": ["x"], "yields": "often"}, ["rule 1 (a)", "yields", "'often'"]),
    ],
)
def test_an_editor_is_told_which_phrase_is_wrong(rule: dict[str, object], words: list[str]) -> None:
    with pytest.raises(ContentError) as refused:
        parse_phrases({"rules": [rule]})
    assert all(word in str(refused.value) for word in words)
