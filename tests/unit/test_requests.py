"""What a message asks for: one thing, or several, and the story around them."""

import pytest

from bot.language import are_linked, is_question, requests


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("運費怎麼算?另外我想取消訂單", ["運費怎麼算?", "我想取消訂單"]),
        ("運費怎麼算，可以刷卡嗎", ["運費怎麼算，", "可以刷卡嗎"]),
        ("運費怎麼算\n可以刷卡嗎", ["運費怎麼算", "可以刷卡嗎"]),
        ("1.運費多少 2.可以刷卡嗎", ["運費多少", "可以刷卡嗎"]),
        ("1.運費多少\n2.可以刷卡嗎\n3.多久到", ["運費多少", "可以刷卡嗎", "多久到"]),
        ("幫我查訂單GB123456789 順便改地址", ["幫我查訂單GB123456789", "改地址"]),
        ("运费多少 顺便帮我改地址", ["运费多少", "帮我改地址"]),
        ("how much is shipping? also can I pay cash", ["how much is shipping?", "can I pay cash"]),
        ("收到的杯子破了 可以換嗎 然後運費誰付", ["收到的杯子破了 可以換嗎", "運費誰付"]),
    ],
)
def test_requests_are_told_apart(text: str, parts: list[str]) -> None:
    assert requests(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "運費怎麼算?",
        "請問 運費 怎麼算",
        "我昨天買了一個鍋子。運費怎麼算?謝謝",
        "還有貨嗎",
        "請問這個可以退嗎？可以嗎？",
        "你好，想請問一下，運費怎麼算",
        "在嗎",
        "？",
        "",
        "🐸🐸🐸",
    ],
)
def test_one_request_stays_whole_with_its_story(text: str) -> None:
    assert requests(text) == [text]


def test_a_dozen_questions_are_a_dozen() -> None:
    assert requests("運費怎麼算?" * 12) == ["運費怎麼算?"] * 12


def test_nothing_but_links_gets_lost() -> None:
    text = "你好 我上週訂的什麼時候到 還有發票可以改統編嗎 謝謝"
    assert "".join(requests(text)).replace(" ", "") == text.replace(" ", "").replace("還有", "")


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("運費怎麼算?另外我想取消訂單", True),
        ("另外想問運費怎麼算", False),
        ("運費怎麼算?可以刷卡嗎?", False),
        ("1.運費多少\n2.可以刷卡嗎", True),
        ("還有貨嗎", False),
    ],
)
def test_words_that_link_two_requests(text: str, linked: bool) -> None:
    assert are_linked(text) is linked


@pytest.mark.parametrize(
    ("text", "question"), [("這樣可以嗎", True), ("怎麼弄", True), ("how", True), ("我昨天買的", False)]
)
def test_questions(text: str, question: bool) -> None:
    assert is_question(text) is question


@pytest.mark.parametrize(
    "text", ["這個有現貨嗎 要等幾天", "黑色賣完了喔? 還會補嗎", "想換成L號可以嗎 要怎麼寄給你們", "请问有货吗 多久能到"]
)
def test_a_follow_up_without_a_noun_of_its_own_stays_with_what_it_is_about(text: str) -> None:
    assert requests(text) == [text]


def test_each_point_of_a_list_that_asks_is_a_request() -> None:
    assert requests("1.訂單什麼時候到 2.可以改地址嗎 3.發票打統編") == ["訂單什麼時候到", "可以改地址嗎", "發票打統編"]
    ordered = "我們家這次想跟 1.草莓兩盒 2.芒果一盒"
    assert requests(ordered) == [ordered]


def test_a_fee_is_that_of_what_stands_before_it() -> None:
    assert requests("可以貨到付款嗎 手續費多少 還有可以刷卡嗎") == ["可以貨到付款嗎 手續費多少", "可以刷卡嗎"]


@pytest.mark.parametrize(
    "text",
    [
        "https://shopee.tw/product?id=3&utm_source=line 這個有貨嗎",
        "1.5公斤可以寄嗎、3.5公斤運費多少",
    ],
)
def test_a_link_or_a_number_with_a_point_is_cut_nowhere(text: str) -> None:
    assert requests(text) == [text]
