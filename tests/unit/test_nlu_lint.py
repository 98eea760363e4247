"""Content staff are told what is wrong with their sentences, where, and how to mend it."""

from collections.abc import Iterable

import pytest

from bot.matrix import answered
from bot.nlu.corpus import Corpus, Sentence, assemble
from bot.nlu.features import prepare
from bot.nlu.lint import Finding, errors, lint
from bot.nlu.nearness import Nearness
from bot.nlu.policy import load

POLICY = load()[0]
SOME = POLICY.model_copy(update={"intents": {name: POLICY.intents[name] for name in ("shipping_fee", "return_how")}})


def sentence(text: str, intent: str, place: str = "zh-TW/nlu/a.yml:1") -> Sentence:
    return Sentence(text, intent, place, prepare(text))


def found(
    sentences: Iterable[Sentence], *, tests: tuple[Sentence, ...] = (), answerable: set[str] | None = None
) -> list[Finding]:
    told = {"shipping_fee", "return_how"} if answerable is None else answerable
    corpus = Corpus(tuple(sentences), tests, SOME, told)
    findings = lint(corpus)
    assert errors(corpus) == [finding for finding in findings if finding.severity == "error"]
    return findings


def of(check: str, findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.check == check]


FEE, BACK = sentence("寄到離島運費多少錢", "shipping_fee"), sentence("怎麼退貨才好", "return_how")


def test_the_shipped_files_hold_no_error() -> None:
    assert errors(assemble(answered(POLICY))) == []


def test_sentences_that_are_well_told_apart_are_merely_few() -> None:
    findings = found([FEE, BACK])
    assert {finding.check for finding in findings} == {"few"}
    assert {finding.severity for finding in findings} == {"warning"}


@pytest.mark.parametrize("again", ["寄到离岛运费多少钱", "寄到離島運費多少錢"])
def test_the_same_sentence_in_two_intents_is_a_contradiction_in_any_script(again: str) -> None:
    (finding,) = of("contradiction", found([FEE, BACK, sentence(again, "return_how", "zh-TW/nlu/b.yml:7")]))
    assert (finding.severity, finding.place) == ("error", "zh-TW/nlu/b.yml:7")
    assert "a.yml:1" in finding.message


def test_order_numbers_make_no_other_sentence() -> None:
    one, other = sentence("訂單GB1118-20731怎麼退", "return_how"), sentence("訂單GB1119-55555怎麼退", "return_how")
    (finding,) = of("duplicate", found([FEE, one, other]))
    assert finding.severity == "warning"


def test_nearly_the_same_sentence_in_two_intents_is_shown() -> None:
    near = sentence("請問一下如果要寄到離島運費多少錢呀謝謝", "shipping_fee")
    twin = sentence("請問一下如果要寄到離島運費多少錢呀謝謝你", "return_how")
    assert of("near_duplicate", found([near, twin, BACK]))


def test_an_intent_full_of_twins_is_monotonous() -> None:
    twins = [
        sentence(f"請問一下如果要寄到離島運費多少錢呀{ending}", "shipping_fee") for ending in ("謝", "謝謝", "謝謝你")
    ]
    (finding,) = of("too_similar", found([*twins, BACK]))
    assert "shipping_fee" in finding.message


def test_what_is_tested_must_not_be_learned_from() -> None:
    test = sentence("寄到離島 運費多少錢？", "", "zh-TW/tests/heldout-1.yml:9")
    (finding,) = of("leak", found([FEE, BACK], tests=(test,)))
    assert (finding.severity, finding.place) == ("error", "zh-TW/tests/heldout-1.yml:9")


def test_what_everybody_writes_may_be_in_both() -> None:
    hello = sentence("退貨", "return_how")
    (finding,) = of("leak", found([FEE, hello], tests=(sentence("退貨", ""),)))
    assert finding.severity == "warning"


def test_an_intent_nobody_knows_or_nobody_writes_is_an_error() -> None:
    findings = found([FEE, sentence("亂寫的一句話", "no_such_intent")])
    assert [finding.severity for finding in of("without_policy", findings)] == ["error"]
    assert "return_how" in of("without_sentences", findings)[0].message


def test_what_is_answered_automatically_needs_an_answer() -> None:
    (finding,) = of("without_answer", found([FEE, BACK], answerable={"return_how"}))
    assert (finding.severity, "shipping_fee" in finding.message) == ("error", True)


def test_the_nearest_sentence_is_found() -> None:
    nearness = Nearness([FEE.form, BACK.form])
    assert nearness.nearest(prepare("運費多少"), 2)[0][0] == 0
    assert nearness.nearest("ㄎㄎㄎ", 2) == []
