"""The contract of `bot.ports.Orders`, kept by every order system: whose an order is, and where it is."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
import time_machine
import urllib3
from sqlalchemy.orm import sessionmaker

from bot import clock
from bot.breaker import FIRST_REST, TOLERATED
from bot.errors import ChangeRefused, ChangeUnclear, ChangeUnderWay, OrdersAway, SettingsError
from bot.orders import calling, systems
from bot.orders.sql import SqlOrders, save
from bot.ports import Order, OrderChange, OrderItem, Orders, Owner, Shipment
from bot.settings import Settings
from tests import desk
from tests.fakes_shops import TOKEN, FakeShop, fake_shop

EXAMPLE = Path(__file__).parents[2] / "docs" / "orders.example.yml"
CALLED = ("http", "shopify", "shopline")

SHIPPED = Order(
    number="GB1118-20731",
    state="shipped",
    placed_on=date(2026, 11, 18),
    due_on=date(2026, 11, 23),
    items=(OrderItem("麝香葡萄"), OrderItem("草莓大福", 2)),
    payment="paid",
    total="NT$1,380",
    shipments=(Shipment("黑貓宅急便", "905212345678"),),
    line_user="Uchen",
    phone="0912345678",
)
OLDER = Order("GB1101-19000", "delivered", placed_on=date(2026, 11, 1), line_user="Uchen", phone="0912345678")
HERS = Order("GB1119-20800", "preparing", placed_on=date(2026, 11, 19), phone="0987654321")
ALL = (SHIPPED, OLDER, HERS)


@pytest.fixture
def sql(tmp_path: Path, postgres: str | None) -> Iterator[Orders]:
    with desk.shop(tmp_path, postgres) as shop:
        with shop.sessions.begin() as session:
            save(session, ALL)
        yield SqlOrders(shop.sessions, own=True)


@pytest.fixture
def platform() -> Iterator[FakeShop]:
    with fake_shop() as server:
        yield server


def called(system: str, url: str, token: str = TOKEN, file: Path = EXAMPLE) -> Orders:
    """A system that must be called, as the settings choose it."""
    chosen = {"orders": system, "orders_url": url, "orders_token": token, "orders_mapping": file}
    return systems.choose(Settings(**chosen), sessionmaker())  # it looks at no table of ours


@pytest.fixture
def http(platform: FakeShop) -> Orders:
    return called("http", platform.url)


@pytest.fixture
def shopify(platform: FakeShop) -> Orders:
    return called("shopify", platform.url)


@pytest.fixture
def shopline(platform: FakeShop) -> Orders:
    return called("shopline", platform.url)


@pytest.fixture(params=["sql", *CALLED])
def orders(request: pytest.FixtureRequest) -> Orders:
    found: Orders = request.getfixturevalue(request.param)
    return found


def test_there_is_something_to_ask(orders: Orders) -> None:
    assert orders.ready()


def test_an_order_is_found_by_its_number_with_all_that_is_known(orders: Orders) -> None:
    found = orders.by_number("GB1118-20731")
    assert found is not None
    assert (found.number, found.state, found.payment, found.phone) == ("GB1118-20731", "shipped", "paid", "0912345678")
    assert [(item.title, item.count) for item in found.items] == [("麝香葡萄", 1), ("草莓大福", 2)]
    assert [parcel.tracking for parcel in found.shipments] == ["905212345678"]


def test_what_is_no_order_is_nothing(orders: Orders) -> None:
    assert orders.by_number("GB9999-00000") is None
    assert orders.by_number("") is None
    assert orders.by_number("'; DROP TABLE orders; --") is None


def test_a_customers_orders_come_newest_first(orders: Orders) -> None:
    by_phone = Owner(phones=("0912345678",))
    assert [order.number for order in orders.of(by_phone, 5)] == ["GB1118-20731", "GB1101-19000"]
    assert [order.number for order in orders.of(by_phone, 1)] == ["GB1118-20731"]


def test_nobody_gets_orders_of_another(orders: Orders) -> None:
    assert [order.number for order in orders.of(Owner(("Uhuang",), ("0987654321",)), 5)] == ["GB1119-20800"]
    assert orders.of(Owner(("Unobody",), ("0900000000",)), 5) == []
    assert orders.of(Owner(), 5) == [], "an order without an owner is nobody's"


# Changes


HER_NUMBER = "GB1119-20800"
ELSEWHERE = "高雄市 左營區博愛二路777號"
CHANGED = [
    OrderChange(HER_NUMBER, "address", ELSEWHERE),
    OrderChange(HER_NUMBER, "recipient", "林小美"),
    OrderChange(HER_NUMBER, "phone", "0955123456"),
    OrderChange(HER_NUMBER, "cancel", "不想要了"),
]


def seen(order: Order | None, kind: str) -> str:
    """What there is of it now; the recipient's phone we do not read."""
    assert order is not None
    return order.state if kind == "cancel" else getattr(order, kind).replace(" ", "")


@pytest.mark.parametrize("wanted", CHANGED, ids=lambda wanted: wanted.kind)
def test_what_a_system_can_change_is_changed_and_all_else_is_left(orders: Orders, wanted: OrderChange) -> None:
    if wanted.kind not in orders.changes:
        with pytest.raises(ChangeRefused):
            orders.change(wanted)
        return
    before = orders.by_number(wanted.number)
    with suppress(ChangeUnderWay):
        orders.change(wanted)
    after = orders.by_number(wanted.number)
    new = "cancelled" if wanted.kind == "cancel" else wanted.value.replace(" ", "")
    if wanted.kind != "phone":
        assert seen(after, wanted.kind) == new
    assert seen(after, "phone") == seen(before, "phone"), "by it the order is proved"
    for kind in {"address", "recipient", "phone", "cancel"} - {wanted.kind}:
        assert seen(after, kind) == seen(before, kind)


def test_an_order_that_is_not_there_is_not_changed(orders: Orders) -> None:
    if orders.changes and orders.name != "http":
        with pytest.raises(ChangeRefused):
            orders.change(OrderChange("GB9999-00000", "recipient", "林小美"))


def test_only_shopline_leaves_every_change_to_people(orders: Orders) -> None:
    assert (not orders.changes) == (orders.name == "shopline")


def test_the_recipients_phone_is_written_where_the_shop_keeps_it(platform: FakeShop) -> None:
    wanted = OrderChange(HER_NUMBER, "phone", "0955123456")
    called("http", platform.url).change(wanted)
    called("shopify", platform.url).change(wanted)
    kept = [platform.orders["http"][2]["receiver"]["phone"], platform.orders["shopify"][2]["shippingAddress"]["phone"]]
    assert kept == ["0955123456", "+886955123456"]


def test_where_the_recipients_phone_is_all_that_proves_an_order_people_change_it(platform: FakeShop) -> None:
    platform.orders["shopify"][2]["phone"] = None
    with pytest.raises(ChangeRefused, match="核對身分"):
        called("shopify", platform.url).change(OrderChange(HER_NUMBER, "phone", "0955123456"))


def test_a_copy_of_a_shops_orders_is_not_changed(tmp_path: Path, postgres: str | None) -> None:
    with desk.shop(tmp_path, postgres) as shop:
        with shop.sessions.begin() as session:
            save(session, ALL)
        copy = SqlOrders(shop.sessions)
        with pytest.raises(ChangeRefused, match="匯入"):
            copy.change(OrderChange(HER_NUMBER, "cancel"))
        assert (copy.changes, copy.by_number(HER_NUMBER)) == (frozenset(), HERS)


@pytest.mark.parametrize("secret", ["", "a secret"])
def test_only_the_demo_has_a_table_of_its_own(secret: str) -> None:
    credentials = {"line_channel_secret": secret, "line_channel_access_token": secret, "secret_key": "s" * 40}
    chosen = systems.choose(Settings(orders="sql", **credentials), sessionmaker())  # type: ignore[arg-type]
    assert bool(chosen.changes) == (not secret)


def test_a_shop_that_is_slow_to_change_an_order_is_not_away(platform: FakeShop) -> None:
    orders = called("shopify", platform.url)
    platform.mood = "deaf"
    for _ in range(TOLERATED + 1):
        with pytest.raises(ChangeUnclear, match="原來的內容"):
            orders.change(OrderChange(HER_NUMBER, "address", ELSEWHERE))
    assert orders.by_number(HER_NUMBER) is not None


def test_an_order_that_left_is_not_changed_in_the_table(sql: Orders) -> None:
    with pytest.raises(ChangeRefused, match="已經出貨"):
        sql.change(OrderChange(SHIPPED.number, "cancel"))


@pytest.mark.parametrize("system", ["http", "shopify"])
@pytest.mark.parametrize("kind", ["recipient", "cancel"])
def test_a_refusal_says_why(platform: FakeShop, system: str, kind: str) -> None:
    platform.mood = "strict"
    with pytest.raises(ChangeRefused, match="order is packed"):
        called(system, platform.url).change(OrderChange(HER_NUMBER, kind, "林小美"))  # type: ignore[arg-type]


def test_no_answer_to_a_change_leaves_it_unclear_and_no_way_to_the_shop_does_not(
    platform: FakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "TIMEOUT", urllib3.Timeout(0.2))
    wanted = OrderChange(HER_NUMBER, "recipient", "林小美")
    for mood in ("slow", "broken"):
        platform.mood = mood
        with pytest.raises(ChangeUnclear):
            called("http", platform.url).change(wanted)
    platform.mood = "fine"
    with pytest.raises(OrdersAway):
        called("http", platform.url, "another").change(wanted)
    with pytest.raises(OrdersAway):
        called("http", "http://127.0.0.1:9").change(wanted)


def test_shopify_is_not_believed_that_keeps_the_old_address(platform: FakeShop) -> None:
    platform.mood = "deaf"
    with pytest.raises(ChangeUnclear, match="原來的內容"):
        called("shopify", platform.url).change(OrderChange(HER_NUMBER, "address", ELSEWHERE))


def test_shopify_needs_an_address_with_its_city(platform: FakeShop) -> None:
    with pytest.raises(ChangeRefused, match="縣市"):
        called("shopify", platform.url).change(OrderChange(HER_NUMBER, "address", "博愛二路777號"))
    assert platform.changed == []


def test_shopify_cancels_by_and_by(platform: FakeShop) -> None:
    platform.mood = "lazy"
    orders = called("shopify", platform.url)
    with pytest.raises(ChangeUnderWay):
        orders.change(OrderChange(HER_NUMBER, "cancel"))
    assert seen(orders.by_number(HER_NUMBER), "cancel") == "preparing"


# Those that must be called


@pytest.mark.parametrize("system", CALLED)
def test_a_system_that_refuses_our_token_says_so(platform: FakeShop, system: str) -> None:
    with pytest.raises(OrdersAway, match="ORDERS_TOKEN"):
        called(system, platform.url, "another").by_number("GB1118-20731")


@pytest.mark.parametrize("system", CALLED)
@pytest.mark.parametrize("mood", ["broken", "babbling", "wrong"])
def test_what_is_no_answer_is_told_from_no_order(platform: FakeShop, system: str, mood: str) -> None:
    platform.mood = mood
    with pytest.raises(OrdersAway, match="answer"):
        called(system, platform.url).by_number("GB1118-20731")


@pytest.mark.parametrize("system", CALLED)
def test_a_system_that_is_not_there_is_away(system: str) -> None:
    with pytest.raises(OrdersAway, match="does not answer"):
        called(system, "http://127.0.0.1:9").by_number("GB1118-20731")


def test_nobody_waits_long_for_a_system_that_hangs(platform: FakeShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "TIMEOUT", urllib3.Timeout(0.2))
    platform.mood = "slow"
    with pytest.raises(OrdersAway, match="does not answer"):
        called("http", platform.url).by_number("GB1118-20731")


def test_a_dead_system_is_left_alone_for_a_moment_and_asked_again(platform: FakeShop) -> None:
    orders = called("http", platform.url)
    with time_machine.travel(clock.now(), tick=False) as time:
        platform.mood = "broken"
        for _ in range(5):
            with pytest.raises(OrdersAway):
                orders.by_number("GB1118-20731")
        assert len(platform.asked) == TOLERATED + 1
        platform.mood = "fine"
        time.shift(FIRST_REST + 1)
        assert orders.by_number("GB1118-20731") is not None


# The mapping file


def test_a_path_that_leads_nowhere_is_named(platform: FakeShop, tmp_path: Path) -> None:
    text = EXAMPLE.read_text("utf-8").replace("state: status", "state: condition", 1)
    file = tmp_path / "shop.yml"
    file.write_text(text, "utf-8")
    with pytest.raises(
        OrdersAway, match=r"shop.yml: order.state: nothing at 'condition' in the answer; there is .*status"
    ):
        called("http", platform.url, file=file).by_number("GB1118-20731")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (
            "found: order}",
            "found: data.order}",
            "by_number.found: nothing at 'data.order' in the answer; there is order",
        ),
        ("phone: buyer.phone", "phone: buyer.fone", "order.phone: nothing at 'buyer.fone' in the answer; there is"),
        ('{line_user}", found: orders', '{line_user}", found: data', "by_line_user.found: nothing at 'data'"),
        ('phone={phone}", found: orders', 'phone={phone}", found: data', "by_phone.found: nothing at 'data'"),
    ],
)
def test_a_wrong_path_is_no_shop_without_orders(
    platform: FakeShop, tmp_path: Path, old: str, new: str, named: str
) -> None:
    text = EXAMPLE.read_text("utf-8")
    assert old in text
    file = tmp_path / "shop.yml"
    file.write_text(text.replace(old, new, 1), "utf-8")
    orders = called("http", platform.url, file=file)
    with pytest.raises(OrdersAway, match=re.escape(named)):
        _ = orders.by_number("GB1118-20731"), orders.of(Owner(("Uchen",), ("0912345678",)), 5)


def test_a_shop_that_says_null_has_no_such_order(platform: FakeShop, monkeypatch: pytest.MonkeyPatch) -> None:
    orders = called("http", platform.url)
    monkeypatch.setattr(calling.Shop, "get", lambda *_: {"order": None, "orders": None})
    assert (orders.by_number("GB1118-20731"), orders.of(Owner((), ("0912345678",)), 5)) == (None, [])


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("  phone: buyer.phone\n", "", "order does not say where phone lies"),
        ("phone: buyer.phone", "fone: buyer.phone", "order does not know fone"),
        ("/orders/{number}", "/orders", "by_number.path is '/orders'; it begins with / and holds {number}"),
        ("NEW: unpaid", "NEW: unpayed", "states.NEW is 'unpayed'; use unpaid"),
        ("by_number:", "by_nummer:", "the file does not know by_nummer"),
        ("phone={phone}", "phone={phone}&{x}", "by_phone.path is '/orders?phone={phone}&{x}'"),
        ("order:\n", "order: [\n", "cannot be read"),
        ("total: payment.total", "total: 7", "order.total is 7; write a text"),
        (
            "changes:\n",
            "changes:\n  colour: {}\n",
            "changes does not know colour; use address, cancel, phone, recipient",
        ),
        ("{method: PATCH", "{method: PATSCH", "changes.address.method is 'PATSCH'; use POST, PUT, PATCH, DELETE"),
        ('{address: "{value}"}', '{address: "new"}', "changes.address does not say {value}"),
        ("/orders/{number}/cancel", "/orders/{nr}/cancel", "changes.cancel.path is '/orders/{nr}/cancel'"),
        ("/orders/{number}/cancel", "/orders/cancel", "changes.cancel does not say {number}"),
        ("refusal: message", "refusal: [message]", "refusal is ['message']; write a text"),
    ],
)
def test_a_mistake_in_the_file_is_named_at_the_start(tmp_path: Path, old: str, new: str, named: str) -> None:
    text = EXAMPLE.read_text("utf-8")
    assert old in text
    file = tmp_path / "shop.yml"
    file.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(SettingsError, match=re.escape(named)):
        called("http", "http://127.0.0.1:9", file=file)


# The table of imported orders


def test_the_table_of_imported_orders_knows_line_accounts_and_every_way_to_write_a_number(sql: Orders) -> None:
    assert [order.number for order in sql.of(Owner(("Uchen",)), 5)] == ["GB1118-20731", "GB1101-19000"]
    assert sql.by_number("gb1118 20731") == sql.by_number("ＧＢ1118－20731") == SHIPPED


def test_a_shop_that_imported_nothing_has_nothing_to_ask(tmp_path: Path, postgres: str | None) -> None:
    with desk.shop(tmp_path, postgres) as shop:
        assert not SqlOrders(shop.sessions).ready()
