"""The fields of a reply template."""

import pytest

from bot.language import slots, unfilled, unknown_types


def test_what_is_known_is_filled_in_and_the_rest_is_left_to_ask() -> None:
    found = slots("{name}您好，{amount} 元 {到貨日:date} 到", {"name": "陳怡君"})
    assert "".join(slot.value or slot.text for slot in found) == "陳怡君您好，{amount} 元 {到貨日:date} 到"
    assert [(slot.key, slot.type) for slot in found if slot.missing] == [("amount", "number"), ("到貨日", "date")]


@pytest.mark.parametrize("text", ["陳怡君您好", "{ 不是欄位 }", "", "{}", "a { b } c"])
def test_other_braces_are_just_text(text: str) -> None:
    assert unfilled(text) == []
    assert "".join(slot.text for slot in slots(text, {})) == text


def test_each_unfilled_field_is_named_once() -> None:
    assert unfilled("{date} {date} {到貨日:date}") == ["date", "到貨日"]


def test_a_type_that_nobody_knows_is_named() -> None:
    assert unknown_types("{到貨日:day} {name} {x:number}") == ["{到貨日:day}"]
