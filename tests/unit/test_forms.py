"""Forms: what is written wrong in them is named by line and mended, and what a customer says fills them."""

from typing import Any

import pytest

from bot.errors import ContentError
from bot.forms import Form, Forms, FormWords, hear, missing, parse_forms, parse_words
from bot.forms.wording import lacking
from bot.nlu.files import ROOT
from bot.nlu.forms import forms, words_in
from bot.nlu.policy import load

GOODS = """\
forms:
  goods:
    intents: [damaged_item]
    slots:
      - {name: order_number, kind: order_number}
      - {name: photo, kind: picture}
"""


def form(name: str) -> Form:
    return forms().forms[name]


def told(name: str, text: str, asked: str = "", language: str = "zh-TW") -> dict[str, Any]:
    return dict(hear(name, form(name), words_in(language), form(name).slot(asked), text).told)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (GOODS, "forms.yml:6: forms.goods.slots.1.kind: Input should be 'order_number'"),
        (GOODS.replace("picture", "media, skip: true"), "forms.yml:6: forms.goods.slots.1.skip: Extra inputs"),
        (GOODS.replace("picture", "choice"), "forms.yml:6: forms.goods.slots.1: a choice has options"),
        (GOODS.replace("picture", "media, only_if: {reason: [x]}"), "forms.yml:2: forms.goods: photo.only_if names"),
        (GOODS.replace("photo, kind: picture", "order_number, kind: phone"), "two slots are called 'order_number'"),
        (GOODS.replace("picture", "text, shape: '(('"), "no regular expression"),
        (GOODS.replace("picture", "media").replace("damaged_item", ""), "forms.yml:2: forms.goods: names no intent"),
        ("forms: {", "forms.yml: no YAML"),
        ("", "forms.yml:1: the file"),
    ],
)
def test_a_wrong_form_is_refused_with_line_field_and_mend(wrong: str, said: str) -> None:
    with pytest.raises(ContentError, match=r"forms\.yml") as refused:
        parse_forms(wrong, "forms.yml")
    assert said in str(refused.value)


def test_an_intent_has_one_form() -> None:
    twice = GOODS.replace("picture", "media")
    twice += twice.removeprefix("forms:\n").replace("goods:", "again:")
    with pytest.raises(ContentError, match="damaged_item has two forms, goods and again"):
        parse_forms(twice, "forms.yml")


def test_a_question_without_words_is_refused_by_name() -> None:
    words = words_in("zh-TW").model_copy(update={"slots": {}})
    assert "slots.order_number" in lacking(words, Forms(forms={"goods": form("goods")}))


def test_a_label_that_no_button_holds_is_refused() -> None:
    text = ROOT.joinpath("zh-TW/forms.yml").read_text("utf-8").replace("label: 還沒拆封", "label: " + "長" * 21)
    with pytest.raises(ContentError, match=r"zh-TW/forms.yml:\d+: slots.opened.options.no.label"):
        parse_words(text, "zh-TW/forms.yml")


def test_every_need_of_a_collected_matter_is_asked_for() -> None:
    policy = load()[0]
    for intent, own in policy.intents.items():
        if policy.route(intent) == "hybrid" and own.needs:
            asked = {slot.name for slot in form(forms().named_for(intent)).slots}
            assert set(own.needs) <= asked, intent


@pytest.mark.parametrize(
    ("name", "asked", "text", "expected"),
    [
        ("goods", "", "杯子破了，訂單 GB1118-20731", {"order_number": "GB1118-20731"}),
        ("goods", "order_number", "20731", {"order_number": "20731"}),
        ("goods", "order_number", "我放在家裡", {}),
        ("goods", "order_number", "0912345678", {}),
        ("refund", "", "衣服太大了，訂單 GB1118-20731", {"order_number": "GB1118-20731", "reason": "size"}),
        ("refund", "reason", "家人不喜歡", {"reason": "家人不喜歡"}),
        (
            "refund",
            "reason",
            "GB1118-20731，家人不喜歡",
            {"order_number": "GB1118-20731", "reason": "GB1118-20731，家人不喜歡"},
        ),
        ("refund", "reason", "GB1118-20731", {"order_number": "GB1118-20731"}),
        ("refund", "reason", "好", {}),
        ("exchange", "opened", "可能吧", {}),
        ("exchange", "opened", "還沒拆喔", {"opened": "no"}),
        ("change", "", "地址改成台北市信義路 5 號，謝謝", {"change_wanted": "台北市信義路 5 號，謝謝"}),
        ("change", "change_wanted", "0912345678", {"change_wanted": "0912345678"}),
        ("invoice", "tax_id", "統編 12345678", {"tax_id": "12345678"}),
        ("account", "phone", "+886 912 345 678", {"phone": "0912345678"}),
    ],
)
def test_what_is_told_fills_the_form_asked_for_or_not(
    name: str, asked: str, text: str, expected: dict[str, Any]
) -> None:
    assert told(name, text, asked) == expected


def test_words_of_two_options_choose_none() -> None:
    assert "reason" not in told("refund", "太大而且壞了")


def test_english_answers_are_heard() -> None:
    assert told("refund", "it is too small", "reason", "en") == {"reason": "size"}


@pytest.mark.parametrize("text", ["2026/2/30", "13/45"])
def test_an_impossible_date_is_no_answer(text: str) -> None:
    dated = Form.model_validate({"intents": ["a"], "slots": [{"name": "date", "kind": "date"}]})
    words = FormWords.model_validate(
        words_in("zh-TW").model_dump() | {"slots": {"date": {"title": "日期", "ask": "?", "again": "?"}}}
    )
    assert hear("x", dated, words, dated.slots[0], text).told == {}
    assert hear("x", dated, words, dated.slots[0], "2/28").told == {"date": "2/28"}


def test_a_shape_refuses_another_shops_numbers() -> None:
    ours = Form.model_validate(
        {"intents": ["a"], "slots": [{"name": "order_number", "kind": "order_number", "shape": r"GB\d{4}-\d{5}"}]}
    )
    words = words_in("zh-TW")
    assert hear("x", ours, words, ours.slots[0], "訂單 SP99887766").told == {}
    assert hear("x", ours, words, ours.slots[0], "gb1118-20731").told == {"order_number": "GB1118-20731"}


def test_a_picture_is_asked_for_only_where_something_is_wrong() -> None:
    known = {"order_number": "GB1118-20731"}
    assert [slot.name for slot in missing(form("refund"), known | {"reason": "faulty"})] == ["photo"]
    assert missing(form("refund"), known | {"reason": "size"}) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("算了", "drops"),
        ("算了不用了", "drops"),
        ("啊還是算了 謝謝", "drops"),
        ("等我找一下～", "waits"),
        ("好 等一下喔", "waits"),
        ("忘記了", "skips"),
        ("不好意思，我忘記了", "skips"),
    ],
)
def test_a_word_about_the_form_is_no_answer(text: str, what: str) -> None:
    heard = hear("refund", form("refund"), words_in("zh-TW"), form("refund").slot("reason"), text)
    assert getattr(heard, what)
    assert heard.told == {}


@pytest.mark.parametrize("text", ["算了我要退貨", "謝謝", "不用了嗎", "等一下送到嗎"])
def test_more_than_such_a_word_is_no_word_about_the_form(text: str) -> None:
    heard = hear("refund", form("refund"), words_in("zh-TW"), form("refund").slot("reason"), text)
    assert (heard.drops, heard.waits, heard.skips) == (False, False, False)
