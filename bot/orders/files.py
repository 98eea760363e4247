"""Reading a shop's list of orders (CSV): good rows become orders, each refused one names its field and the mend."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import get_args

from bot import handed_in
from bot.handed_in import UnreadableFile
from bot.messages import printable
from bot.orders import numbers
from bot.ports import Order, OrderItem, OrderState, PaymentState, Shipment

REQUIRED = ("number", "state")
COLUMNS = (
    *REQUIRED,
    *("placed_on", "due_on", "line_user", "phone", "items", "payment", "total"),
    *("carrier", "tracking", "tracking_url", "recipient", "address"),
)
LIMITS = {"number": 40, "total": 40, "line_user": 80, "carrier": 40, "tracking": 60, "tracking_url": 1000} | {
    "recipient": 60,
    "address": 200,
}
STATES: Mapping[str, OrderState] = {
    "待付款": "unpaid",
    "未付款": "unpaid",
    "等待成團": "gathering",
    "團購中": "gathering",
    "處理中": "preparing",
    "備貨中": "preparing",
    "已出貨": "shipped",
    "配送中": "shipped",
    "已到店": "at_store",
    "已送達": "delivered",
    "已取貨": "delivered",
    "已完成": "delivered",
    "已退貨": "returned",
    "已取消": "cancelled",
    **{state: state for state in get_args(OrderState)},
}
PAYMENTS: Mapping[str, PaymentState] = {
    "未付款": "unpaid",
    "已付款": "paid",
    "貨到付款": "on_delivery",
    "付款失敗": "failed",
    "已退款": "refunded",
    **{state: state for state in get_args(PaymentState)},
}
COUNT = re.compile(r"(.*\S)\s*[x×*]\s*(\d{1,4})", re.IGNORECASE)
NUMBER = re.compile(r"[A-Z0-9]{3,40}")


@dataclass(frozen=True)
class Problem:
    """Why a row was refused, and what helps."""

    row: int
    field: str
    mend: str

    def __str__(self) -> str:
        return f"第 {self.row} 列 {self.field}：{self.mend}"


def read(path: Path) -> tuple[list[Order], list[Problem]]:
    """The orders of a file, and all that is wrong with its other rows."""
    orders: dict[str, Order] = {}
    problems: list[Problem] = []
    for row, cells in _rows(path):
        wrong = list(_wrong(cells))
        if not wrong and numbers.key(cells["number"]) in orders:
            wrong = [("number", f"「{cells['number']}」在這個檔案裡出現兩次，刪掉一列。")]
        if wrong:
            problems += [Problem(row, field, mend) for field, mend in wrong]
        else:
            orders[numbers.key(cells["number"])] = _order(cells)
    return list(orders.values()), problems


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    lines = csv.DictReader(io.StringIO(handed_in.text(path), newline=""), restkey="extra")
    missing = [name for name in REQUIRED if name not in (lines.fieldnames or ())]
    if missing:
        named = {"file": path.name, "missing": "、".join(missing), "known": "、".join(COLUMNS)}
        raise UnreadableFile("%(file)s：第一列要寫欄位名稱，缺 %(missing)s；可用 %(known)s。", **named)
    unknown = [name for name in lines.fieldnames or () if name not in COLUMNS]
    if unknown:
        named = {"file": path.name, "unknown": "、".join(unknown), "known": "、".join(COLUMNS)}
        raise UnreadableFile("%(file)s：不認得欄位 %(unknown)s；可用 %(known)s。", **named)
    try:
        for row, cells in enumerate(lines, 2):
            yield row, _cleaned(cells)
    except csv.Error as error:
        raise UnreadableFile(
            "%(file)s：第 %(line)s 行不是正確的 CSV，檢查引號。", file=path.name, line=lines.line_num
        ) from error


def _cleaned(cells: Mapping[str, str | list[str] | None]) -> dict[str, str]:
    found = {name: printable(str(cells.get(name) or "")).strip() for name in COLUMNS}
    return found | ({"extra": "…"} if cells.get("extra") else {})


def _wrong(cells: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Field and mend."""
    if "extra" in cells:
        yield "number", "格子比欄位名稱多。內容有逗號時，用雙引號包起來。"
    if not NUMBER.fullmatch(numbers.key(cells["number"])):
        yield "number", "訂單編號要有 3 到 40 個英文字母或數字。"
    for field, limit in LIMITS.items():
        if len(cells[field]) > limit:
            yield field, f"超過 {limit} 個字，改短一點。"
    yield from _wrong_words(cells)


def _wrong_words(cells: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if cells["state"] not in STATES:
        yield "state", f"不認得「{cells['state'][:20]}」；寫 {'、'.join(STATES)}。"
    if cells["payment"] not in PAYMENTS:
        yield "payment", f"不認得「{cells['payment'][:20]}」；寫 {'、'.join(filter(None, PAYMENTS))}，或留空。"
    for field in ("placed_on", "due_on"):
        if cells[field] and _day(cells[field]) is None:
            yield field, f"沒有「{cells[field][:20]}」這一天；寫成 2026-11-22。"
    if cells["phone"] and not 8 <= len(numbers.phone(cells["phone"])) <= 15:
        yield "phone", "電話要有 8 到 15 個數字。"
    if cells["tracking_url"] and not cells["tracking_url"].startswith("https://"):
        yield "tracking_url", "網址要以 https:// 開頭。"


def _day(text: str) -> date | None:
    try:
        year, month, day = (int(part) for part in re.split(r"[-/.]", text))
        return date(year, month, day)
    except ValueError:
        return None


def _order(cells: Mapping[str, str]) -> Order:
    parcel = Shipment(cells["carrier"], cells["tracking"], cells["tracking_url"])
    return Order(
        number=cells["number"],
        state=STATES[cells["state"]],
        placed_on=_day(cells["placed_on"]),
        due_on=_day(cells["due_on"]),
        items=tuple(_item(text) for part in cells["items"].split("|") if (text := part.strip())),
        payment=PAYMENTS[cells["payment"]],
        total=cells["total"],
        shipments=(parcel,) if parcel != Shipment() else (),
        line_user=cells["line_user"],
        phone=numbers.phone(cells["phone"]),
        recipient=cells["recipient"],
        address=cells["address"],
    )


def _item(text: str) -> OrderItem:
    """「草莓大福 x2」."""
    counted = COUNT.fullmatch(unicodedata.normalize("NFKC", text))
    return OrderItem(counted[1], int(counted[2])) if counted else OrderItem(text)
