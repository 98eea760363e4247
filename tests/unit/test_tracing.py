"""What came from a text is found again, however it was written there."""

import pytest

from bot.language import came_from, veiled, without


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("GB1118-20731", "訂單 ｇｂ１１１８－２０７３１"),
        ("GB1118-20731", "gb1118–20731"),
        ("0912345678", "電話 +886 912-345-678"),
        ("1280元", "付了 1,280 元"),
        ("台新 812-0012345", "改成 台新 812-0012345"),
        (3, "3"),
    ],
)
def test_it_came_from_there(value: object, text: str) -> None:
    assert came_from(value, text)


@pytest.mark.parametrize(("value", "text"), [("1", "訂單 GB1118-20731"), ("", "好"), ("0912345678", "0987654321")])
def test_it_did_not(value: object, text: str) -> None:
    assert not came_from(value, text)


def test_of_several_messages_one_goes() -> None:
    assert without("我要退貨\n1\n訂單 A123", "1") == "我要退貨\n訂單 A123"
    assert without("地址是" + "長" * 30, "地址是" + "長" * 40) == ""


@pytest.mark.parametrize("said", ["改成這樣：\n\n第二段", "  外面有空白 ", "一\n" + " " * 30 + "\n二"])
@pytest.mark.parametrize("text", ["好\n\n謝謝", "好\n" + " " * 40])
def test_of_another_message_every_line_stays_and_blank_ones_are_nobodys(said: str, text: str) -> None:
    assert without(said, text) == said


def test_words_are_covered_in_whatever_holds_them() -> None:
    held = {"text": "訂單 A123 到了", "buttons": [{"text": "查 A123"}], "n": 1}
    assert veiled(held, "A123") == {"text": "訂單 ●●● 到了", "buttons": [{"text": "查 ●●●"}], "n": 1}
    assert veiled("A1234", "A123") == "A1234"
