"""Content staff at the terminal: judging, explaining and looking over what the bot understands."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.nlu.corpus import Corpus, Sentence
from bot.nlu.policy import load
from bot.services import Services
from tests.builders import Frontline

MESSAGES = """
- {text: 運費怎麼算, category: shipping_fee_time, risk: low, route: auto}
- {text: 我要找真人, category: want_human, route: human}
"""


def test_messages_of_ones_own_are_judged_as_customers_would_be(frontline: Frontline, tmp_path: Path) -> None:
    file, page = tmp_path / "mine.yml", tmp_path / "page.html"
    file.write_text(MESSAGES, "utf-8")
    run = frontline("nlu", "evaluate", "--file", str(file), "--report", str(page), "--json")
    assert run.exit_code == 0, run.output
    told = json.loads(run.stdout)
    assert (told["figures"]["texts"], told["figures"]["human_wish_found"]) == (2, 1.0)
    assert (told["files"], told["breaches"]) == (["mine.yml"], [])
    assert "mine.yml" in page.read_text("utf-8")


def test_a_test_file_with_a_mistake_is_refused_with_its_place(frontline: Frontline, tmp_path: Path) -> None:
    file = tmp_path / "mine.yml"
    file.write_text("- {text: 好, category: nope}\n", "utf-8")
    run = frontline("nlu", "evaluate", "--file", str(file))
    assert run.exit_code == 1
    assert "mine.yml:1" in run.output


def test_a_decision_explains_itself(frontline: Frontline) -> None:
    told = json.loads(frontline("nlu", "explain", "ＧＢ1118-20731 到现在还没收到，我被烫伤了", "--json").stdout)
    assert "GB1118" not in told["masked"].upper()
    assert told["entities"] == [{"kind": "order_number", "value": "GB1118-20731"}]
    assert (told["category"], told["route"], told["level"]) == ("safety_incident", "human", "L1")
    assert told["signals"]
    assert [view["view"] for view in told["views"]] == ["characters", "final"]
    assert told["nearest"][0]["place"].startswith(("zh-TW/nlu/", "en/nlu/"))
    assert told["reasons"]


def test_an_explanation_is_readable(frontline: Frontline) -> None:
    run = frontline("nlu", "explain", "運費怎麼算")
    assert run.exit_code == 0
    assert "route: auto" in run.stdout


@pytest.mark.parametrize(("gravest", "exits"), [("warning", 0), ("error", 1)])
def test_lint_exits_by_the_gravest_finding(
    frontline: Frontline, monkeypatch: pytest.MonkeyPatch, gravest: str, exits: int
) -> None:
    """What it finds in the shipped files is known to tests/unit/test_nlu_lint; of few sentences it is told at once."""
    sentence = Sentence("寄到離島運費多少錢", "shipping_fee", "zh-TW/nlu/a.yml:1", "寄到離島運費多少錢")
    other = replace(sentence, intent="return_how", text="怎麼退貨才好", form="怎麼退貨才好")
    again = replace(sentence, intent="return_how", place="zh-TW/nlu/b.yml:7") if gravest == "error" else other
    known = load()[0]
    policy = known.model_copy(
        update={"intents": {name: known.intents[name] for name in ("shipping_fee", "return_how")}}
    )
    corpus = Corpus((sentence, again), (), policy, {"shipping_fee", "return_how"})
    monkeypatch.setattr("bot.cli.nlu_lint.assemble", lambda answerable: corpus)
    run = frontline("nlu", "lint", "--json")
    assert run.exit_code == exits
    severities = {finding["severity"] for finding in json.loads(run.stdout)}
    assert severities == ({"error", "warning"} if exits else {"warning"})


def test_the_release_of_the_shipped_sentences_is_shown_not_trained_again(
    frontline: Frontline, current: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.nlu.release.learned", None)  # who trains fails
    told = json.loads(frontline("nlu", "train", "--json").stdout)
    assert told["folder"] == str(current.settings.data / "releases" / "1")
    assert told["metrics"]["texts"] > 1000


def test_training_does_not_write_over_what_is_there(frontline: Frontline, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "a.txt").touch()
    run = frontline("nlu", "train", "--out", str(tmp_path / "model"))
    assert run.exit_code == 1
    assert "new folder" in run.output
