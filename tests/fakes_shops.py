"""A shop's order system on loopback: any shop's own API, Shopify and SHOPLINE, with the same orders in their shapes.

Their searches are as wide as the real ones: what comes back may be somebody else's.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

FIXTURES = Path(__file__).parent / "fixtures" / "orders"
TOKEN = "sesame"
Answer = tuple[int, Any]


def recorded(system: str) -> list[dict[str, Any]]:
    """The shop's orders as a system tells them."""
    found: list[dict[str, Any]] = json.loads((FIXTURES / f"{system}.json").read_text("utf-8"))
    return found


class FakeShop(ThreadingHTTPServer):
    """`mood`: fine, broken (500), slow (no answer in time), babbling (no JSON), wrong (JSON of another shape), strict
    (nothing may be changed), deaf (Shopify says yes to an address and keeps the old one), lazy (it has not cancelled
    yet). `changed` are the changes."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.mood = "fine"
        self.asked: list[str] = []
        self.changed: list[Any] = []
        self.orders = {system: recorded(system) for system in ("http", "shopify", "shopline")}
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def fake_shop() -> Iterator[FakeShop]:
    server = FakeShop()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _many(known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The shop's orders behind sixty of others that fit the same words."""
    strangers = [{**known[-1], "order_number": f"X{at}", "customer_phone": "0900000001"} for at in range(60)]
    about = json.dumps([order.get("customer_phone") for order in known])
    return [*({**one, "notes": about + " GB1118 20731"} for one in strangers), *known]


def _own_api(orders: list[dict[str, Any]], path: str, parameters: dict[str, str]) -> Answer:
    if path.startswith("/orders/"):
        found = [order for order in orders if order["code"] == unquote(path.removeprefix("/orders/"))]
        return (200, {"order": found[0]}) if found else (404, {"message": "no such order"})
    wanted = parameters.get("line") or parameters.get("phone", "")
    digits = re.sub(r"\D", "", wanted)[-9:]
    by_line = [order for order in orders if order["buyer"]["line_id"] == wanted]
    by_phone = [order for order in orders if digits and re.sub(r"\D", "", order["buyer"]["phone"]).endswith(digits)]
    return 200, {"orders": by_line or by_phone}


def _change(orders: list[dict[str, Any]], path: str, body: dict[str, Any]) -> Answer:
    """The shop's own: PATCH changes fields of an order, POST …/cancel ends it."""
    number = unquote(path.split("/")[2])
    [order] = [order for order in orders if order["code"] == number]
    if path.endswith("/cancel"):
        order["status"] = "VOID"
    for name, part in body.items() if not path.endswith("/cancel") else ():
        order[name] = order.get(name, {}) | part
    return 200, {"ok": True}


def _shopify_change(orders: list[dict[str, Any]], body: dict[str, Any], mood: str) -> Answer:
    asked = body["variables"]
    if "orderCancel" in body["query"]:
        [order] = [order for order in orders if order["id"] == asked["id"]]
        order["cancelledAt"] = None if mood == "lazy" else "2026-11-23T00:00:00Z"
        return 200, {"data": {"orderCancel": {"job": {"id": "1"}, "orderCancelUserErrors": []}}}
    [order] = [order for order in orders if order["id"] == asked["input"]["id"]]
    if mood != "deaf":
        given = dict(asked["input"]["shippingAddress"])
        order["shippingAddress"] = {**given, "countryCodeV2": given.pop("countryCode", None)}
    return 200, {"data": {"orderUpdate": {"order": order, "userErrors": []}}}


def _shopline(orders: list[dict[str, Any]], parameters: dict[str, str]) -> Answer:
    """It looks through everything for any of the words."""
    words = re.split(r"\W+", parameters.get("query", ""))
    items = [order for order in _many(orders) if any(word in json.dumps(order) for word in words)]
    page, many = int(parameters.get("page", "1")), int(parameters["per_page"])
    pagination = {"current_page": page, "total_pages": -(-len(items) // many), "total_count": len(items)}
    return 200, {"items": items[(page - 1) * many : page * many], "pagination": pagination}


def _shopify(orders: list[dict[str, Any]], body: dict[str, Any], mood: str) -> Answer:
    if body["query"].startswith("mutation"):
        return _shopify_change(orders, body, mood)
    searched = body["variables"]["query"]
    kind, _, value = searched.partition(":")
    if not re.fullmatch(r'"[^"\\]*"', value):
        return 200, {"errors": [{"message": "Invalid search", "extensions": {"code": "BAD_REQUEST"}}]}
    wanted = value.strip('"')
    if kind == "name":  # it finds beginnings as well
        return 200, {"data": {"orders": {"nodes": [o for o in orders if o["name"].lstrip("#").startswith(wanted[:6])]}}}
    digits = re.sub(r"\D", "", wanted)[-9:]
    his = [o for o in orders if re.sub(r"\D", "", o["shippingAddress"]["phone"]).endswith(digits)]
    newest = sorted(his, key=lambda o: o["createdAt"], reverse=True)[: body["variables"]["limit"]]
    return 200, {"data": {"customers": {"nodes": [{"orders": {"nodes": newest}}] if his else []}}}


def _refusal(path: str) -> Answer:
    if "graphql" not in path:
        return 409, {"message": "order is packed"}
    errors = [{"message": "order is packed"}]
    return 200, {
        "data": {"orderUpdate": {"order": None, "userErrors": errors}, "orderCancel": {"orderCancelUserErrors": errors}}
    }


class _Handler(BaseHTTPRequestHandler):
    server: FakeShop

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        parameters = {name: values[0] for name, values in parse_qs(parts.query).items()}
        orders = self.server.orders
        if parts.path == "/v1/orders/search":
            self._answer(self.headers.get("Authorization", ""), lambda: _shopline(orders["shopline"], parameters))
        else:
            self._answer(
                self.headers.get("Authorization", ""), lambda: _own_api(orders["http"], parts.path, parameters)
            )

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if "query" not in body or str(body["query"]).startswith("mutation"):
            self.server.changed.append(body)
        if token := self.headers.get("X-Shopify-Access-Token", ""):
            self._answer(token, lambda: _shopify(self.server.orders["shopify"], body, self.server.mood))
        else:
            self._answer(
                self.headers.get("Authorization", ""), lambda: _change(self.server.orders["http"], self.path, body)
            )

    do_PATCH = do_POST

    def _answer(self, token: str, call: Callable[[], Answer]) -> None:
        self.server.asked.append(self.path)
        if self.server.mood == "slow":
            self.server.closing.wait(30)  # who asks gives up long before
        status, data = (401, {}) if token.removeprefix("Bearer ") != TOKEN else call()
        moods = {
            "broken": (500, b"{}"),
            "babbling": (200, b"<html>"),
            "wrong": (200, b'{"order": {"nr": 1}, "data": 3, "items": 3}'),
        }
        if self.server.mood == "strict" and self.server.changed:
            status, data = _refusal(self.path)
        status, sent = moods.get(self.server.mood, (status, json.dumps(data).encode()))
        self.send_response(status)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""
