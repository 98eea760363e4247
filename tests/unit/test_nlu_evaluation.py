"""Judging messages whose treatment is known: honest figures, a floor that bites, a page that escapes everything."""

from pathlib import Path

import pytest

from bot.cli.nlu_report import circles, curve, render
from bot.errors import ContentError
from bot.nlu import floor, heldout
from bot.nlu.breakdown import report, worst
from bot.nlu.evaluation import Outcome, figures, run
from bot.nlu.floor import Floor
from bot.nlu.heldout import Case
from bot.ports import Understanding

MEANS = {
    "運費多少呢": ("shipping_fee", 0.97),
    "我要退這雙鞋": ("shipping_fee", 0.9),
    "利率怎麼比廣告高": ("interest_rate", 0.95),
    "你們好爛": ("complaint_service", 0.9),
    "找人來講": ("want_human", 0.9),
}


class Fixed:
    """An engine that means what the test says."""

    name = "fixed"

    def ready(self) -> bool:
        return True

    def trouble(self) -> str:
        return ""

    def parse(self, texts: list[str]) -> list[Understanding]:
        return [Understanding(text, *MEANS.get(text, ("out_of_scope", 0.1)), engine="fixed") for text in texts]


def case(text: str, category: str, route: str = "auto", risk: str = "low") -> Case:
    return Case.model_validate({"place": "t.yml:1", "text": text, "category": category, "route": route, "risk": risk})


CASES = [
    case("運費多少呢", "shipping_fee_time"),
    case("我要退這雙鞋", "return_refund", "hybrid"),
    case("利率怎麼比廣告高", "contract_loan_terms", "human", "high"),
    case("你們好爛", "complaint", "human"),
    case("找人來講", "want_human", "human"),
]


@pytest.fixture
def outcomes() -> list[Outcome]:
    return list(run(Fixed(), CASES))


def test_figures_tell_what_customers_got(outcomes: list[Outcome]) -> None:
    told = figures(outcomes)
    assert told["category_accuracy"] == 0.8
    assert (told["answered_of_answerable"], told["human_wish_found"], told["complaint_found"]) == (1.0, 1.0, 1.0)
    assert told["human_wish_false_alarms"] == 0.0
    assert (told["wrong_answers"], told["high_risk_answered"]) == (0.4, 1.0)
    assert (told["safety_found"], told["intent_accuracy"]) == (None, None)


def test_the_gravest_mistake_stands_first(outcomes: list[Outcome]) -> None:
    assert [one.case.text for one in worst(outcomes)] == ["利率怎麼比廣告高", "我要退這雙鞋"]


def test_a_report_counts_what_was_taken_for_what(outcomes: list[Outcome]) -> None:
    found = report(outcomes)
    names, counts = found["confusion"]["names"], found["confusion"]["counts"]
    assert counts[names.index("return_refund")][names.index("shipping_fee_time")] == 1
    fee = next(row for row in found["categories"] if row["name"] == "shipping_fee_time")
    assert (fee["precision"], fee["recall"]) == (0.5, 1.0)
    assert len(found["slowest"]) == len(CASES)


def test_the_page_escapes_what_customers_write_and_runs_no_script() -> None:
    found = report(list(run(Fixed(), [*CASES, case("<script>alert(1)</script>", "complaint", "human")])))
    page = render(found | {"files": ["<b>.yml"], "breaches": ["x < y"], "engine": "fixed"})
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "&lt;b&gt;.yml" in page
    assert "http" not in page
    assert "<svg" in page


def test_charts_lie_within_their_frames() -> None:
    (dot,) = circles([{"texts": 9, "confidence": 0.5, "accuracy": 1.0}])
    assert (dot["x"], dot["y"]) == (180.0, 0.0)
    assert curve([{"coverage": 0.5, "risk": 0.0}, {"coverage": 1.0, "risk": 0.2}]) == "180.0,240.0 360.0,0.0"
    assert curve([{"coverage": 1.0, "risk": 0.0}]) == "360.0,240.0"


def test_a_floor_names_what_fell_below_and_what_was_not_measured() -> None:
    limits = Floor(at_least={"category_accuracy": 0.8, "safety_found": 0.9}, at_most={"wrong_answers": 0.02})
    assert limits.breaches({"category_accuracy": 0.8, "safety_found": 1.0, "wrong_answers": 0.02}) == []
    low = limits.breaches({"category_accuracy": 0.79, "safety_found": None, "wrong_answers": 0.03})
    assert [line.split()[0] for line in low] == ["safety_found", "category_accuracy", "wrong_answers"]


def test_the_recorded_floor_speaks_of_figures_that_exist(outcomes: list[Outcome]) -> None:
    limits = floor.recorded()
    assert set(limits.at_least) | set(limits.at_most) <= set(figures(outcomes))


def test_the_held_out_messages_are_many_and_cover_every_category() -> None:
    cases = [case for path in heldout.shipped() for case in heldout.read(path)]
    assert len(cases) >= 600
    assert len({case.category for case in cases}) == 23


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- {text: 好, category: nope}\n", ["t.yml:1", "'nope'"]),
        ("# x\n- {text: 好, intent: nope}\n", ["t.yml:2", "'nope'"]),
        ("- {text: 好, category: greeting, route: robot}\n", ["t.yml:1", "route"]),
        ("- {text: 好, category: greeting, color: red}\n", ["t.yml:1", "color"]),
        ("- 好\n", ["t.yml:1", "mapping"]),
        ("a: 1\n", ["t.yml:1", "list"]),
        ("[", ["t.yml", "YAML"]),
    ],
)
def test_who_writes_a_test_is_told_file_line_and_mend(tmp_path: Path, text: str, words: list[str]) -> None:
    path = tmp_path / "t.yml"
    path.write_text(text, "utf-8")
    with pytest.raises(ContentError) as refused:
        heldout.read(path)
    assert all(word in str(refused.value) for word in words)


def test_an_intent_tells_its_category(tmp_path: Path) -> None:
    path = tmp_path / "t.yml"
    path.write_text("- {text: 退貨怎麼退, intent: return_how, route: auto}\n", "utf-8")
    assert heldout.read(path)[0].category == "return_refund"


def test_native_and_converted_messages_are_told_apart_where_the_file_names_them() -> None:
    cases = [
        one.model_copy(update={"origin": origin})
        for one, origin in zip(CASES, ["native", "mainland"] * 2, strict=False)
    ]
    told = report(list(run(Fixed(), cases)))["origins"]
    assert [(name, own["texts"], own["category_accuracy"]) for name, own in told.items()] == [
        ("mainland", 2, 0.5),
        ("native", 2, 1.0),
    ]
