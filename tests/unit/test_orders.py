"""What customers write of their orders, what carriers are called, and what becomes of a shop's file."""

from pathlib import Path

import pytest

from bot.dialogue import replies, titles
from bot.handed_in import UnreadableFile
from bot.orders import carriers, files, numbers
from bot.orders.telling import Words, told
from bot.ports import Order, OrderItem, Shipment
from bot.turn.ordering.hearing import hear, is_general


@pytest.mark.parametrize(
    ("text", "asked", "number", "digits", "only"),
    [
        ("GB1118-20731", "", "GB1118-20731", "", True),
        ("我要查訂單ＧＢ1118－20731", "", "GB1118-20731", "", True),
        ("訂單 GB1118-20731 到哪了", "", "GB1118-20731", "", False),
        ("訂單 GB1118-20731 壞掉了", "", "GB1118-20731", "", False),
        ("90731118", "", "90731118", "", True),
        ("A207", "number", "A207", "", True),
        ("A207", "", "", "", False),
        ("678", "", "", "", False),
        ("678", "digits", "", "678", True),
        ("末三碼是６７８", "digits", "", "678", True),
        ("電話 0912-345-678", "digits", "", "678", True),
        ("GB1118-20731 末三碼 678", "", "GB1118-20731", "678", True),
        ("GB1118-20731，678", "digits", "GB1118-20731", "678", True),
        ("運費要 678 元嗎", "digits", "", "", False),
        ("有 123 跟 456", "digits", "", "", False),
        ("GB1118-20731 和 GB1118-20732", "", "", "", False),
        ("我要找真人", "digits", "", "", False),
    ],
)
def test_what_is_said_of_an_order(text: str, asked: str, number: str, digits: str, only: bool) -> None:
    heard = hear(text, asked)
    assert (heard.number, heard.digits, heard.only) == (number, digits, only)


@pytest.mark.parametrize(
    "text", ["怎麼查我的訂單進度", "「備貨中」是什麼意思", "可以快點出貨嗎", "物流單號在哪裡看", "物流單號查不到"]
)
def test_who_asks_in_general_wants_no_look_up(text: str) -> None:
    assert is_general(text)


@pytest.mark.parametrize(
    "text", ["我的訂單到哪了", "我的包裹到哪裡了", "出貨了嗎", "訂單 GB1118-20731 什麼時候到", "幫我查訂單"]
)
def test_who_asks_for_his_own_does(text: str) -> None:
    assert not is_general(text)


@pytest.mark.parametrize(
    ("called", "name", "page"),
    [
        ("黑貓", "黑貓宅急便", "https://www.t-cat.com.tw/Inquire/TraceDetail.aspx?BillID=9052%2F1"),
        ("HCT 新竹物流", "新竹物流", "https://www.hct.com.tw/Search/SearchGoods_n.aspx"),
        ("７－１１ 取貨", "7-ELEVEN", "https://eservice.7-11.com.tw/e-tracking/search.aspx"),
        ("全家店到店", "全家", "https://fmec.famiport.com.tw/FP_Entrance/QueryBox"),
        ("宅配通", "台灣宅配通", "https://www.e-can.com.tw/search_Goods.aspx"),
        ("中華郵政", "中華郵政", "https://postserv.post.gov.tw/pstmail/main_mail.html"),
        ("老闆自己送", "老闆自己送", ""),
    ],
)
def test_carriers_are_known_by_what_shops_call_them(called: str, name: str, page: str) -> None:
    shipment = Shipment(called, "9052/1")
    assert (carriers.name(shipment), carriers.link(shipment)) == (name, page)


def test_a_shops_own_link_wins_but_only_a_safe_one() -> None:
    assert carriers.link(Shipment("黑貓", "1", "https://shop.example/t/1")) == "https://shop.example/t/1"
    assert carriers.link(Shipment("老闆", "1", "javascript:alert(1)")) == ""


@pytest.mark.parametrize(
    ("written", "dialled"), [("+886 912-345-678", "0912345678"), ("912345678", "0912345678"), ("", "")]
)
def test_phones_are_compared_as_they_are_dialled(written: str, dialled: str) -> None:
    assert numbers.phone(written) == dialled


def test_the_text_says_all_that_the_card_says() -> None:
    words = Words(lambda key, **facts: replies("zh-TW").say(key, **facts).text, titles("zh-TW"))
    order = Order("GB1", "shipped", items=(OrderItem("大福", 2),), payment="paid", shipments=(Shipment("黑貓", "905"),))
    message = told(order, words)
    assert message.card is not None
    for part in (message.card.headline, *(value for _, value in message.card.facts), message.card.links[0].url):
        assert part in message.text
    assert [button.text for button in message.buttons] == ["超過時間還沒收到貨", "找真人"]


HEAD = "number,state,phone,items,carrier,tracking,placed_on\n"
GOOD = f"{HEAD}GB-1001,配送中,0912-345-678,大福 x2|葡萄,黑貓,905,2026/11/18\n"


def write(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    file = tmp_path / "orders.csv"
    file.write_text(text, encoding)
    return file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp950"])
def test_a_file_as_excel_writes_it_is_read(tmp_path: Path, encoding: str) -> None:
    [order], problems = files.read(write(tmp_path, GOOD, encoding))
    assert problems == []
    assert (order.state, order.phone, order.items[0]) == ("shipped", "0912345678", OrderItem("大福", 2))


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (",配送中,,,,,", "number"),
        ("GB-1002,飛走了,,,,,", "state"),
        ("GB-1002,配送中,12,,,,", "phone"),
        ("GB-1002,配送中,,,,,2026-02-30", "placed_on"),
        ("GB-1002,配送中,,,,,昨天", "placed_on"),
        ("GB1001,已送達,,,,,", "number"),
        ("GB-1002,配送中,,,,,,多的", "number"),
    ],
)
def test_a_refused_row_names_its_field_and_the_good_ones_stay(tmp_path: Path, row: str, field: str) -> None:
    orders, problems = files.read(write(tmp_path, GOOD + row + "\n"))
    assert [order.number for order in orders] == ["GB-1001"]
    assert [(problem.row, problem.field) for problem in problems] == [(3, field)]
    assert problems[0].mend


@pytest.mark.parametrize(
    ("text", "named"), [("no,state\n1,x\n", "number"), (GOOD.replace("items", "goods"), "goods"), ("", "number")]
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(UnreadableFile, match=named):
        files.read(write(tmp_path, text))
