"""Orders of the people on the simulator's phone, so that a newcomer's 「我的訂單到哪了」 has an answer."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import now
from bot.orders import sql
from bot.orders.rows import ShopOrder
from bot.ports import Order, OrderItem, Shipment
from bot.simulator.customers import CUSTOMERS

CHEN, HUANG, LIN, TSAI, WU = (person.id for person in CUSTOMERS)


def load_demo(session: Session) -> None:
    """Keep the demo's orders where there are none."""
    if session.scalar(select(ShopOrder.id).limit(1)) is None:
        sql.save(session, _orders(now().date()))


def _orders(today: date) -> list[Order]:
    """One under way, several, one delivered, one of a group that is not full; and one that is linked with nobody."""

    def day(from_now: int) -> date:
        return today + timedelta(days=from_now)

    return [
        Order(
            "GB1118-20731",
            "shipped",
            day(-4),
            day(1),
            (OrderItem("日本麝香葡萄 2 房禮盒"), OrderItem("草莓大福", 2)),
            "paid",
            "NT$1,380",
            (Shipment("黑貓宅急便", "905212345678"),),
            CHEN,
            "0912345678",
        ),
        Order(
            "GB1115-20418",
            "at_store",
            day(-6),
            None,
            (OrderItem("不鏽鋼保溫瓶"),),
            "on_delivery",
            "NT$690",
            (Shipment("7-11", "F12345678901"),),
            HUANG,
            "0987654321",
        ),
        Order(
            "GB1120-20955",
            "preparing",
            day(-2),
            day(3),
            (OrderItem("韓國海苔", 6),),
            "paid",
            "NT$540",
            (),
            HUANG,
            recipient="黃柏翰",
            address="台北市大安區和平東路一段162號",
        ),
        Order(
            "GB1102-19007",
            "delivered",
            day(-20),
            None,
            (OrderItem("氣炸烤箱"),),
            "paid",
            "NT$3,980",
            (Shipment("新竹物流", "6801234567"),),
            LIN,
            "0922333444",
        ),
        Order(
            "GB1121-21010", "gathering", day(-1), None, (OrderItem("Basque cheesecake"),), "unpaid", "NT$850", (), TSAI
        ),
        Order(
            "GB1117-20555",
            "shipped",
            day(-5),
            day(0),
            (OrderItem("有機堅果組"),),
            "paid",
            "NT$1,200",
            (Shipment("郵局", "12345678901234567890"),),
            phone="0933555777",
        ),
    ]
