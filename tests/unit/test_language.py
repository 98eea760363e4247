"""Customers write as they like; facts and words must come out the same."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language import as_said_here, asked, bare, detect, entities, fold, mask, masked, plainly, veil, words_of_it


def _facts(text: str) -> list[tuple[str, str]]:
    return [(entity.kind, entity.value) for entity in entities(text)]


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ＡＢＣ　１２３", "abc 123"),
        ("我的订单发货了吗", "我的訂單發貨了嗎"),
        ("软件", "軟體"),
        ("皇后在後面", "皇后在後面"),
        ("出貨ㄌ沒", "出貨了沒"),
        ("快一點!!!!!!", "快一點!"),
        ("等好久喔喔喔喔喔", "等好久喔喔"),
        ("謝謝(brown love)", "謝謝"),
        ("讚👍🏻\ufe0f", "讚👍"),
        ("a\u200bb\x00c", "abc"),
        ("臺北", "台北"),
        ("壞\ud800掉", "壞掉"),
        ("1000000", "1000000"),
    ],
)
def test_many_ways_of_writing_fold_to_one(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("運費怎麼算", "zh-TW"),
        ("我的订单呢", "zh-TW"),
        ("where is my order", "en"),
        ("ｗｈｅｒｅ", "en"),
        ("my 訂單", "zh-TW"),
        ("送料はいくらですか", "other"),
        ("배송비", "other"),
        ("Сколько стоит доставка", "other"),
        ("👍", "zh-TW"),
        ("12345", "zh-TW"),
    ],
)
def test_the_language_to_answer_in(text: str, language: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("請問訂單ＧＢ1118－20731到哪了", "order_number", "GB1118-20731"),
        ("FL20251121001 出貨沒", "order_number", "FL20251121001"),
        ("gb-88213寄了嗎", "order_number", "GB-88213"),
        ("訂單編號：123456", "order_number", "123456"),
        ("订单号20251121001", "order_number", "20251121001"),
        ("order #A10234 please", "order_number", "A10234"),
        ("請問20251103018出了嗎", "order_number", "20251103018"),
        ("查件 903-2218-7745", "order_number", "903-2218-7745"),
        ("訂單123456月底會到嗎", "order_number", "123456"),
        ("訂單 123456 元旦前會到嗎", "order_number", "123456"),
        ("訂單 2026-11-20-001", "order_number", "2026-11-20-001"),
        ("訂單 20261120", "order_number", "20261120"),
        ("訂單 2026/11/20 下的到哪了", "date", "2026/11/20"),
        ("訂單2026年11月20日下的", "date", "2026年11月20日"),
        ("訂單 2026-11-20 下的", "date", "2026-11-20"),
        ("訂單 115年11月20日下的", "date", "11月20日"),
        ("訂單 2026/2/30", "date", "2026/2/30"),
        ("訂單 100 元", "amount", "100元"),
        ("案件 CS-251121-0001 還沒回", "case_number", "CS-251121-0001"),
        ("打0912345678給我", "phone", "0912345678"),
        ("我的手機0912-345-678", "phone", "0912345678"),
        ("+886 912 345 678", "phone", "0912345678"),
        ("公司(02)2345-6789", "phone", "0223456789"),
        ("04-23456789#12", "phone", "0423456789"),
        ("客服0800-123-456", "phone", "0800123456"),
        ("寄到 mei.lin@example.com 謝謝", "email", "mei.lin@example.com"),
        ("被扣NT$2,980", "amount", "NT$2980"),
        ("共２,９８０元", "amount", "2980元"),
        ("想借 30 萬", "amount", "30萬"),
        ("我10/28下單", "date", "10/28"),
        ("2026年11月3日買的", "date", "2026年11月3日"),
        ("11月18號才說", "date", "11月18號"),
        ("統編 12345678", "tax_id", "12345678"),
        ("身分證A123456789", "national_id", "A123456789"),
        ("卡號4311-9522-1234-5678", "card", "4311-9522-1234-5678"),
    ],
)
def test_a_fact_is_found_by_rule(text: str, kind: str, value: str) -> None:
    assert _facts(text) == [(kind, value)]


@pytest.mark.parametrize(
    "text",
    [
        *("7-11取貨", "iPhone15", "WH-1000XM5", "A4 和 PS5", "100-200人", "24小時", "末三碼 527", "單號查不到"),
        *("訂單 3 筆", "訂單 2026/2/32", "訂單 2026/11", "訂單 2026 年的"),
    ],
)
def test_what_only_looks_like_a_fact_is_left_alone(text: str) -> None:
    assert _facts(text) == []


def test_offsets_count_the_characters_that_the_customer_wrote() -> None:
    text = "👍🏻訂單ＧＢ1118－20731，電話０９１２－３４５－６７８，退ＮＴ$1,299"
    found = {entity.kind: text[entity.start : entity.end] for entity in entities(text)}
    assert found == {"order_number": "ＧＢ1118－20731", "phone": "０９１２－３４５－６７８", "amount": "ＮＴ$1,299"}


def test_the_classifier_sees_marks_instead_of_facts() -> None:
    text = "訂單GB1118-20731出貨沒,電話0912-345-678"
    assert mask(text, entities(text)) == "訂單#出貨沒,電話☎"


def test_facts_of_some_kinds_are_covered_and_the_rest_can_be_read() -> None:
    text = "訂單 GB1118，電話０９１２－３４５－６７８或 chen@mail.tw"
    assert veil(text, {"phone", "email"}) == "訂單 GB1118，電話●●●或 ●●●"
    assert veil(text, ()) == text


@given(st.text(max_size=200))
def test_no_text_breaks_folding_and_no_two_facts_overlap(text: str) -> None:
    fold(text)
    found = entities(text)
    assert all(first.end <= second.start for first, second in pairwise(found))
    assert all(0 <= entity.start < entity.end <= len(text) for entity in found)


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("不好意思請問運費怎麼算 謝謝", "運費怎麼算"),
        ("您好,想請教一下 可以分期嗎 感恩!", "可以分期嗎"),
        ("hi 我的包裹呢", "我的包裹呢"),
        ("親,什麼時候發貨", "什麼時候發貨"),
        ("hello kitty的杯子還有嗎", "hello kitty的杯子還有嗎"),
        ("親子裝有沒有大人的", "親子裝有沒有大人的"),
        ("退貨好麻煩", "退貨好麻煩"),
        ("你好", "你好"),
        ("謝謝!", "謝謝!"),
        ("", ""),
    ],
)
def test_courtesies_around_a_wish_are_left_out_and_nothing_else(written: str, wanted: str) -> None:
    assert bare(written) == wanted


@pytest.mark.parametrize(
    ("written", "said_here"),
    [
        ("什么时候发货", "什麼時候出貨"),
        ("快遞員電話多少", "司機電話多少"),
        ("手機號換了", "手機號碼換了"),
        ("手機號碼換了", "手機號碼換了"),
        ("明天能到不", "明天能到嗎"),
        ("可以換麼", "可以換嗎"),
        ("這是什麼", "這是什麼"),
        ("稽核沒透過", "審核沒通過"),
        ("透過團主訂的", "透過團主訂的"),
        ("賬單在哪兒看", "帳單在哪裡看"),
    ],
)
def test_words_of_the_mainland_are_compared_as_those_used_here(written: str, said_here: str) -> None:
    assert as_said_here(fold(written)) == said_here


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("如何申辦信用貸款", "怎麼申請貸款"),
        ("請問您是否可以寄送海外", "請問你可以配送海外"),
        ("這款商品何時到貨", "這個東西什麼時候到貨"),
        ("可以用支付寶支付嗎", "可以用支付寶付款嗎"),
        ("收到支付命令", "收到支付命令"),
        ("星期三能不能送", "週三可以送"),
        ("怎麼退貨", "怎麼退貨"),
    ],
)
def test_what_is_said_in_several_ways_is_compared_as_one(written: str, plain: str) -> None:
    assert plainly(written) == plain


@pytest.mark.parametrize(
    ("written", "question"),
    [
        ("https://item.example.com/4894200.html 系統裝好了嗎", "系統裝好了嗎"),
        ("這個https://shopee.tw/product/1/2?x=3有貨嗎", "這個↗有貨嗎"),
        ("[訂單編號:7012345678，訂單金額:399.00，下單時間:2018-03-04 12:00:00] 有劃痕", "有劃痕"),
        ("[訂單編號:[數字x]，訂單金額:，下單時間:] 有劃痕", "有劃痕"),
        ("[链接] 請問發什麼快遞", "請問發什麼快遞"),
        ("諮詢訂單號：7012345678 訂單金額：132.00 下單時間：2018-01-12 發了沒", "發了沒"),
        ("https://shopee.tw/product/1/2", "↗"),
        ("諮詢訂單號:7012345678 訂單金額:132.00", "諮詢訂單號:# 訂單金額:132.00"),
        ("訂單 A12345 取消", "訂單 # 取消"),
        ("訂單號碼在哪看", "訂單號碼在哪看"),
    ],
)
def test_what_is_pasted_before_a_question_is_no_part_of_it(written: str, question: str) -> None:
    assert asked(fold(masked(written))) == question


@pytest.mark.parametrize(
    "text",
    [
        "ok",
        "LINE Pay",
        "GB1118-20731",
        "WELCOME100",
        "?",
        "thx",
        "https://shop.example.com/a?b=c",
        "Nike Air Max 90",
        "lin.mei@example.com",
    ],
)
def test_what_everybody_writes_shows_no_language(text: str) -> None:
    assert not words_of_it(text)


@pytest.mark.parametrize("text", ["where is my order?", "好", "ㄏㄏ", "可以 LINE Pay 嗎", "I'd like a refund"])
def test_words_show_the_language_that_somebody_speaks(text: str) -> None:
    assert words_of_it(text)


def test_a_shouted_question_shows_its_language_and_a_link_alone_shows_none() -> None:
    assert words_of_it("WHERE IS MY REFUND")
    assert detect("https://shop.example.com/a") == "zh-TW"
