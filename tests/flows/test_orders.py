"""「我的訂單到哪了」: its owner hears it at once, nobody else a word; what cannot be told reaches a person."""

import json
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot import clock
from bot.errors import OrdersAway
from bot.models import JournalEntry
from bot.orders import sql, systems
from bot.orders.rows import OrderProof
from bot.orders.sql import SqlOrders
from bot.ports import Order, OrderItem, Owner, Shipment
from bot.services import Services
from bot.settings import Settings
from bot.simulator import orders as demo
from bot.simulator.customers import CUSTOMERS
from bot.turn import ordering
from handoff.models import ContactKey, Ticket
from tests import console
from tests.builders import Customer, Frontline
from tests.engines import Knows
from tests.fakes import Answer, Call, FakeLine
from tests.fakes_shops import TOKEN, fake_shop

pytestmark = pytest.mark.by_hand  # the stories decide what the understanding knows
Work = Callable[[], None]
EXAMPLE = Path(__file__).parent.parent.parent / "docs/orders.example.yml"

KNOWN = {
    "訂單到哪": "order_status",
    "怎麼還沒": "order_not_arrived_late",
    "運費": "shipping_fee",
    "成團": "group_buy_progress",
    "怎麼查": "order_status",
    "真人": "want_human",
    "取消": "cancel_order",
}
PARCEL = (Shipment("黑貓", "905212345678"),)
CHENS = Order("GB1118-20731", "shipped", date(2026, 11, 18), items=(OrderItem("大福", 2),), shipments=PARCEL)
WHERE = "我的訂單到哪了"


@pytest.fixture(autouse=True)
def understanding(knows: Knows) -> None:
    knows(KNOWN)


@pytest.fixture
def shop(current: Services) -> Callable[..., None]:
    """The shop has these orders: a number, and what else is known of it."""

    def has(**orders: dict[str, Any]) -> None:
        with current.sessions.begin() as session:
            sql.save(session, [replace(CHENS, number=name.replace("_", "-"), **more) for name, more in orders.items()])

    return has


def cases(current: Services) -> list[Ticket]:
    with current.sessions() as session:
        return list(session.scalars(select(Ticket)))


def journal(current: Services, kind: str) -> list[dict[str, Any]]:
    with current.sessions() as session:
        return list(
            session.scalars(select(JournalEntry.data).where(JournalEntry.kind == kind).order_by(JournalEntry.id))
        )


def says(customer: Customer, work: Work, line: FakeLine, text: str) -> str:
    """What the customer hears after this."""
    before = len(line.said)
    customer.writes(text)
    work()
    return "\n".join(line.said[before:])


# The owner


def test_whose_line_account_is_linked_hears_it_at_once_as_a_card(chen, line, work, current, shop) -> None:
    shop(GB1118_20731={"line_user": "Uchen"})
    heard = says(chen, work, line, WHERE)
    assert "訂單 GB1118-20731 目前：已寄出，配送中" in heard
    assert ("大福 ×2" in heard, "黑貓宅急便 905212345678" in heard) == (True, True)
    [message] = line.sends()[-1].body["messages"]
    assert message["type"] == "flex"
    [button] = message["contents"]["footer"]["contents"]
    assert button["action"]["uri"] == "https://www.t-cat.com.tw/Inquire/TraceDetail.aspx?BillID=905212345678"
    assert [item["action"]["label"] for item in message["quickReply"]["items"]] == ["超過時間還沒收到貨", "找真人"]
    assert cases(current) == []
    [decided], [answered] = journal(current, "turn.decided"), journal(current, "turn.answered")
    assert (decided["route"], decided["cell"], answered["source"]) == ("auto", "matrix:low_simple", "orders:sql")


def test_a_proved_phone_is_as_good(chen, line, work, current, shop) -> None:
    shop(GB1118_20731={"phone": "0912345678"})
    says(chen, work, line, "運費怎麼算")
    with current.sessions.begin() as session:
        contact = console.knows(session, chen.id, "陳怡君").contact_id
        lin = console.user_id_in(session, "lin")
        session.add(ContactKey(contact_id=contact, kind="phone", value="0912345678", how="code", verified_by=lin))
    assert "GB1118-20731 目前：" in says(chen, work, line, WHERE)


def test_of_several_orders_each_is_a_button_and_the_tapped_one_is_told(chen, line, work, shop) -> None:
    shop(
        GB1118_20731={"line_user": "Uchen"},
        GB1119_20800={"line_user": "Uchen", "state": "preparing"},
        GB1101_10000={"line_user": "Uchen", "state": "delivered"},
    )
    heard = says(chen, work, line, WHERE)
    assert "哪一筆" in heard
    [message] = line.sends()[-1].body["messages"]
    labels = [item["action"]["label"] for item in message["quickReply"]["items"]]
    assert sorted(labels) == ["GB1118-20731", "GB1119-20800"], "what was delivered long ago is not asked about"
    tapped = next(
        item["action"]["text"] for item in message["quickReply"]["items"] if item["action"]["label"] == "GB1119-20800"
    )
    assert "GB1119-20800 目前：備貨中" in says(chen, work, line, tapped)


def test_the_day_on_which_he_ordered_is_no_number(chen, line, work, current, shop) -> None:
    shop(GB1118_20731={"line_user": "Uchen"})
    assert "GB1118-20731 目前：" in says(chen, work, line, "訂單 2026/11/18 下的，我的訂單到哪了")
    assert cases(current) == []


# Who is not known yet


def test_number_and_last_digits_prove_an_order_and_it_is_proved_for_the_day(chen, line, work, current, shop) -> None:
    shop(GB1118_20731={"phone": "0912345678"})
    assert "請傳訂單編號" in says(chen, work, line, WHERE)
    assert "末三碼" in says(chen, work, line, "GB1118-20731")
    assert "GB1118-20731 目前：已寄出" in says(chen, work, line, "678")
    assert "GB1118-20731 目前：已寄出" in says(chen, work, line, "訂單到哪 GB1118-20731")
    assert cases(current) == []


def test_whether_the_order_exists_or_not_the_words_are_the_same(chen, huang, line, work, shop) -> None:
    shop(GB1118_20731={"line_user": "Usomebody", "phone": "0912345678"})
    there = [says(chen, work, line, words) for words in ("GB1118-20731", "000")]
    not_there = [says(huang, work, line, words) for words in ("GB1118-99999", "000")]
    assert there == [words.replace("99999", "20731") for words in not_there]
    assert all("已寄出" not in words and "大福" not in words for words in there)


def test_a_mistyped_number_is_put_right(chen, line, work, current, shop) -> None:
    shop(GB1118_20731={"phone": "0912345678"})
    says(chen, work, line, "GB1118-20713")
    assert "對不起來" in says(chen, work, line, "678")
    assert "末三碼" in says(chen, work, line, "GB1118-20731")
    assert "GB1118-20731 目前：" in says(chen, work, line, "０９１２３４５６７８")


def test_who_guesses_is_stopped_and_a_person_looks_at_it(chen, line, work, current, shop) -> None:
    shop(GB1118_20731={"phone": "0912345678"})
    says(chen, work, line, "GB1118-20731")
    heard = [says(chen, work, line, guess) for guess in ("111", "222", "333")]
    assert ["對不起來" in words for words in heard] == [True, True, True]
    [case] = cases(current)
    assert case.number in heard[-1]
    assert (case.intent, case.facts["order_number"]) == ("order_status", "GB1118-20731")
    assert "已寄出" not in says(chen, work, line, "678")


@pytest.mark.parametrize(("hours", "barred"), [(23, True), (25, False)])
def test_wrong_tries_count_for_a_day(chen, line, work, current, shop, hours: int, barred: bool) -> None:
    shop(GB1118_20731={"phone": "0912345678"})
    with current.sessions.begin() as session:
        conversation = console.knows(session, chen.id, "陳怡君").id
        earlier = clock.now() - timedelta(hours=hours)
        session.add_all(OrderProof(conversation_id=conversation, key=str(n), good=False, at=earlier) for n in range(3))
    heard = says(chen, work, line, "GB1118-20731")
    assert ("專員替您核對" in heard, "末三碼" in heard) == (barred, not barred)
    assert ("GB1118-20731 目前：" in says(chen, work, line, "678")) is not barred


def test_several_accounts_cannot_share_the_guessing(chen, huang, line, work, current, shop) -> None:
    shop(GB1118_20731={"phone": "0912345678"})
    with current.sessions.begin() as session:
        somebody = console.knows(session, huang.id, "黃柏翰").id
        proofs = [OrderProof(conversation_id=somebody, key="GB111820731", good=False) for _ in range(10)]
        session.add_all(proofs)
    assert "專員替您核對" in says(chen, work, line, "GB1118-20731")
    assert "目前：" not in says(chen, work, line, "678")


def test_who_asks_anew_hears_of_his_own_and_not_of_what_he_could_not_prove(chen, line, work, current, shop) -> None:
    shop(GB1118_20731={"line_user": "Uchen"}, GB1119_20800={"phone": "0912345678"})
    assert "末三碼" in says(chen, work, line, "GB1119-20800")
    assert "GB1118-20731 目前：" in says(chen, work, line, WHERE)


def test_the_subject_may_be_changed_in_between(chen, line, work, current, shop) -> None:
    shop(GB1118_20731={"phone": "0912345678"})
    says(chen, work, line, "GB1118-20731")
    assert "80" in says(chen, work, line, "運費怎麼算")
    assert "GB1118-20731 目前：" in says(chen, work, line, "678")


# A person


def test_who_waits_too_long_reaches_a_person_who_sees_the_order(chen, line, work, current, shop) -> None:
    shop(GB1118_20731={"line_user": "Uchen"})
    says(chen, work, line, "怎麼還沒收到，都超過時間了")
    [case] = cases(current)
    assert case.facts["order_number"] == "GB1118-20731"
    assert (case.facts["order_status"], case.facts["shipment"]) == ("已寄出，配送中", "黑貓宅急便 905212345678")


def test_of_somebody_elses_order_the_case_says_nothing(chen, line, work, current, shop) -> None:
    shop(GB1118_20731={"line_user": "Usomebody"})
    says(chen, work, line, "訂單 GB1118-20731 怎麼還沒到")
    [case] = cases(current)
    assert case.facts == {"order_number": "GB1118-20731"}


def test_while_the_shops_system_is_away_that_is_said_and_a_case_is_open(
    chen, line, work, current, shop, monkeypatch
) -> None:
    shop(GB1118_20731={"line_user": "Uchen"})
    monkeypatch.setattr(SqlOrders, "by_number", away)
    heard = says(chen, work, line, "訂單到哪 GB1118-20731")
    [case] = cases(current)
    assert "訂單系統現在沒有回應" in heard
    assert case.number in heard
    assert (case.category, case.facts["order_number"]) == ("order_status", "GB1118-20731")
    [decided] = journal(current, "turn.decided")
    assert (decided["route"], decided["cell"]) == ("hybrid", "orders_away")
    assert "訂單系統沒有回應，由專人查詢" in decided["reasons"]


def test_a_mapping_file_with_a_wrong_path_is_no_missing_order(
    chen, line, work, current, shop, monkeypatch, tmp_path
) -> None:
    shop(GB1118_20731={"line_user": "Uchen"})
    file = tmp_path / "shop.yml"
    file.write_text(EXAMPLE.read_text("utf-8").replace("found: order}", "found: data.order}"), "utf-8")
    with fake_shop() as platform:
        chosen = {"orders": "http", "orders_url": platform.url, "orders_token": TOKEN, "orders_mapping": file}
        wrong = systems.choose(Settings(**chosen), current.sessions)
        monkeypatch.setattr(SqlOrders, "by_number", lambda _, number: wrong.by_number(number))
        heard = says(chen, work, line, "訂單到哪 GB1118-20731")
    [case] = cases(current)
    assert "訂單系統現在沒有回應" in heard
    assert case.number in heard


# In his language


def test_a_number_is_answered_in_the_language_that_was_written_before(chen, line, work, shop, knows: Knows) -> None:
    shop(GB1118_20731={"phone": "0912345678"})
    knows(KNOWN | {"my order": "order_status"})
    assert "order number" in says(chen, work, line, "where is my order?")
    assert "last three digits" in says(chen, work, line, "GB1118-20731")
    assert "末三碼" in says(chen, work, line, "訂單到哪了 GB1118-20731")
    assert "末三碼" in says(chen, work, line, "GB1119-20800")


# While a form is filled


def test_who_asks_after_another_order_meanwhile_hears_of_it_and_the_form_goes_on(
    chen, line, work, current, shop
) -> None:
    hers = {"line_user": "Uchen"}
    shop(GB1118_20731=hers, GB1119_20800={"phone": "0912345678"}, GB1121_21010=hers)
    says(chen, work, line, "我要取消訂單")
    heard = says(chen, work, line, "我的訂單到哪了? GB1118-20731")
    assert "GB1118-20731 目前：已寄出" in heard
    assert "回到剛才的「取消訂單」" in heard
    asked = says(chen, work, line, "那 GB1119-20800 訂單到哪呢?")
    assert ("末三碼" in asked, "目前：" in asked, "回到剛才的" in asked) == (True, False, True)
    told = says(chen, work, line, "678")
    assert ("GB1119-20800 目前：" in told, "回到剛才的" in told) == (True, True)
    says(chen, work, line, "GB1121-21010")
    says(chen, work, line, "下錯了")
    [case] = cases(current)
    told = {"order_number": "GB1121-21010", "reason": "下錯訂單"}
    assert (case.intent, {name: case.facts[name] for name in told}) == ("cancel_order", told)
    assert case.facts["order_status"].startswith("已寄出"), "whoever takes it knows how the order stands"


@pytest.mark.parametrize("named", ["", " GB1118-20731"])
def test_who_wants_something_changed_as_well_is_not_asked_twice_and_a_person_has_both(
    chen, line, work, current, shop, named: str
) -> None:
    shop(GB1118_20731={"phone": "0912345678"})
    heard = says(chen, work, line, f"訂單到哪了呢{named}?另外我想取消")
    [case] = cases(current)
    assert case.number in heard
    assert ("末三碼" in heard, "請傳訂單編號給我" in heard) == (False, False)
    with current.sessions() as session:
        [opened] = session.scalars(select(JournalEntry.data).where(JournalEntry.kind == "ticket.opened"))
    assert "同一則訊息也要處理：查訂單與配送進度" in opened["reasons"]


@pytest.mark.parametrize("day", ["2026/2/30", "2026/2/32", "2026-2-30"])
def test_a_day_that_is_none_is_no_number_either_and_the_form_goes_on(chen, line, work, current, day: str) -> None:
    asked = says(chen, work, line, "我要取消訂單")
    assert "訂單編號" in asked
    assert "訂單編號" in says(chen, work, line, f"訂單 {day} 下的")
    says(chen, work, line, "GB1118-20731")
    says(chen, work, line, "下錯了")
    [case] = cases(current)
    assert (case.intent, case.facts["order_number"]) == ("cancel_order", "GB1118-20731")


def test_of_somebody_elses_order_nothing_is_told_there_either(chen, line, work, current, shop) -> None:
    shop(GB1119_20800={"line_user": "Usomebody", "phone": "0987654321"})
    says(chen, work, line, "我要取消訂單")
    says(chen, work, line, "訂單到哪了? GB1119-20800")
    for digits in ("111", "222"):
        assert "目前：" not in says(chen, work, line, digits)
    assert "專員替您核對" in says(chen, work, line, "333")
    [case] = cases(current)
    assert (case.intent, "目前" in case.summary, case.facts) == ("cancel_order", False, {})


def test_where_the_shop_is_away_the_form_is_handed_over_as_it_is(chen, line, work, current, shop, monkeypatch) -> None:
    shop(GB1118_20731={"line_user": "Uchen"})
    says(chen, work, line, "我要取消訂單，因為下錯了")
    monkeypatch.setattr(SqlOrders, "by_number", away)
    assert "訂單系統現在沒有回應" in says(chen, work, line, "訂單到哪了? GB1118-20731")
    [case] = cases(current)
    assert (case.intent, case.facts["reason"]) == ("cancel_order", "下錯訂單")


# A shop that is slow


def test_who_asks_for_something_else_does_not_wait_for_a_slow_shop(chen, huang, line, work, shop, monkeypatch) -> None:
    """Nor does the shop's answer wait for LINE: both are called at the same time."""
    shop(GB1118_20731={"line_user": "Uchen"})
    both, take, first = threading.Barrier(2), line.take, iter([True])

    def asked(*_: object) -> list[Order]:
        both.wait(20)
        return []

    def takes(call: Call) -> Answer:
        if call.path.endswith("/reply") and next(first, False):
            both.wait(20)
        return take(call)

    monkeypatch.setattr(SqlOrders, "of", asked)
    monkeypatch.setattr(line, "take", takes)
    chen.writes(WHERE)
    huang.writes("運費怎麼算")
    work()
    assert both.broken is False
    assert any("80" in words for words in line.said)


def test_a_slow_shop_is_asked_for_all_at_once_and_not_for_ever(
    chen, huang, line, work, current, shop, monkeypatch
) -> None:
    shop(GB1118_20731={"line_user": "Uchen"})
    both, over = threading.Barrier(2), threading.Event()

    def hangs(*_: object) -> list[Order]:
        both.wait(10)
        over.wait(10)
        return []

    monkeypatch.setattr(SqlOrders, "of", hangs)
    monkeypatch.setattr(ordering, "PATIENCE", 0.3)
    chen.writes(WHERE)
    huang.writes(WHERE)
    work()
    over.set()
    assert both.broken is False
    assert sum("訂單系統現在沒有回應" in words for words in line.said) == 2
    assert len(cases(current)) == 2


def away(*_: object) -> None:
    raise OrdersAway("down")


# Nothing is asked of the shop where nothing need be


def test_a_shop_without_orders_answers_as_before(chen, line, work, current) -> None:
    assert "訂單編號給我" not in says(chen, work, line, WHERE)
    assert journal(current, "turn.order") == []


def test_what_is_not_about_an_order_asks_nobody(chen, line, work, shop, monkeypatch) -> None:
    shop(GB1118_20731={"line_user": "Uchen"})
    asked: list[object] = []
    for name in ("by_number", "of"):
        monkeypatch.setattr(SqlOrders, name, lambda *words: asked.append(words))
    says(chen, work, line, "運費怎麼算")
    says(chen, work, line, "怎麼查訂單")
    assert asked == []


def test_the_number_is_forgotten_with_the_message_that_told_it(chen, line, work, shop) -> None:
    shop(GB1118_20731={"phone": "0912345678"})
    [sent] = chen.writes("GB1118-20731")
    work()
    chen.does("unsend", unsend={"messageId": sent["message"]["id"]})
    work()
    assert "目前：" not in says(chen, work, line, "678")


# The shop's file


def test_a_shop_imports_its_orders_and_hears_which_rows_were_refused(
    frontline: Frontline, tmp_path: Path, chen, line, work
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("number,state,line_user\nGB1118-20731,配送中,Uchen\nGB1118-20732,飛走了,\n", "utf-8")
    run = frontline("orders", "import", str(file))
    assert run.exit_code == 1
    assert "新增 1 筆，更新 0 筆，未變 0 筆，退回 1 列。" in run.stdout
    assert "第 3 列 state" in run.stderr
    file.write_text("number,state,line_user\nGB1118-20731,已送達,Uchen\n", "utf-8")
    assert "新增 0 筆，更新 1 筆" in frontline("orders", "import", str(file)).stdout
    assert "已送達" in says(chen, work, line, WHERE)
    shown = frontline("orders", "show", "gb1118 20731")
    assert json.loads(shown.stdout)["state"] == "delivered"
    assert "sql knows no order GB1" in frontline("orders", "show", "GB1").stderr


# The desk


def test_the_customers_orders_stand_beside_the_case_and_go_into_the_reply(app, chen, line, work, current, shop) -> None:
    shop(GB1118_20731={"line_user": "Uchen"}, GB1119_20800={"line_user": "Usomebody"})
    says(chen, work, line, "訂單 GB1119-20800 怎麼還沒到")
    [case] = cases(current)
    page = console.signed_in(app, current, "mei", "agent").get(f"/console/cases/{case.number}/orders")
    told = console.words(page)
    assert "GB1118-20731 已寄出，配送中" in told
    assert "還沒確認是他的" in told
    given = re.findall(r'data-give="([^"]*)"', page.get_data(as_text=True))
    assert len(given) == 1, "nothing of the other's order can be put into a reply"
    assert given[0].startswith("訂單 GB1118-20731 目前：已寄出")


def test_a_number_that_the_shop_does_not_know_is_said_so_beside_the_case(app, chen, line, work, current, shop) -> None:
    shop(GB1119_20800={"line_user": "Usomebody"})
    says(chen, work, line, "我要找真人，訂單 GB9999-55555 有問題")
    [case] = cases(current)
    told = console.words(console.signed_in(app, current, "mei", "agent").get(f"/console/cases/{case.number}/orders"))
    assert "訂單系統裡沒有 GB9999-55555" in told
    assert "請顧客給訂單編號" not in told


def test_while_the_shops_system_is_away_the_panel_says_so(app, chen, line, work, current, shop, monkeypatch) -> None:
    shop(GB1118_20731={"line_user": "Uchen"})
    says(chen, work, line, "我要找真人")
    [case] = cases(current)

    def away(*_: object) -> None:
        raise OrdersAway("down")

    monkeypatch.setattr(SqlOrders, "of", away)
    page = console.signed_in(app, current, "mei", "agent").get(f"/console/cases/{case.number}/orders")
    assert "訂單系統現在沒有回應" in console.words(page)


def test_the_demos_people_have_orders(current, chen) -> None:
    with current.sessions.begin() as session:
        demo.load_demo(session)
        demo.load_demo(session)
    orders = {len(current.wiring.orders.of(Owner((person.id,)), 5)) for person in CUSTOMERS}
    assert orders == {0, 1, 2}
