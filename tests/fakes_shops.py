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
    """`mood`: fine, broken (500), slow (no answer in time), babbling (no JSON), wrong (JSON of another shape)."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.mood = "fine"
        self.asked: list[str] = []
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


def _many(system: str) -> list[dict[str, Any]]:
    """The shop's orders behind sixty of others that fit the same words."""
    known = recorded(system)
    strangers = [{**known[-1], "order_number": f"X{at}", "customer_phone": "0900000001"} for at in range(60)]
    about = json.dumps([order.get("customer_phone") for order in known])
    return [*({**one, "notes": about + " GB1118 20731"} for one in strangers), *known]


def _own_api(path: str, parameters: dict[str, str]) -> Answer:
    orders = recorded("http")
    if path.startswith("/orders/"):
        found = [order for order in orders if order["code"] == unquote(path.removeprefix("/orders/"))]
        return (200, {"order": found[0]}) if found else (404, {"message": "no such order"})
    wanted = parameters.get("line") or parameters.get("phone", "")
    digits = re.sub(r"\D", "", wanted)[-9:]
    by_line = [order for order in orders if order["buyer"]["line_id"] == wanted]
    by_phone = [order for order in orders if digits and re.sub(r"\D", "", order["buyer"]["phone"]).endswith(digits)]
    return 200, {"orders": by_line or by_phone}


def _shopline(parameters: dict[str, str]) -> Answer:
    """It looks through everything for any of the words."""
    words = re.split(r"\W+", parameters.get("query", ""))
    items = [order for order in _many("shopline") if any(word in json.dumps(order) for word in words)]
    page, many = int(parameters.get("page", "1")), int(parameters["per_page"])
    pagination = {"current_page": page, "total_pages": -(-len(items) // many), "total_count": len(items)}
    return 200, {"items": items[(page - 1) * many : page * many], "pagination": pagination}


def _shopify(body: dict[str, Any]) -> Answer:
    searched = body["variables"]["query"]
    kind, _, value = searched.partition(":")
    if not re.fullmatch(r'"[^"\\]*"', value):
        return 200, {"errors": [{"message": "Invalid search", "extensions": {"code": "BAD_REQUEST"}}]}
    orders, wanted = recorded("shopify"), value.strip('"')
    if kind == "name":  # it finds beginnings as well
        return 200, {"data": {"orders": {"nodes": [o for o in orders if o["name"].lstrip("#").startswith(wanted[:6])]}}}
    digits = re.sub(r"\D", "", wanted)[-9:]
    his = [o for o in orders if re.sub(r"\D", "", o["shippingAddress"]["phone"]).endswith(digits)]
    newest = sorted(his, key=lambda o: o["createdAt"], reverse=True)[: body["variables"]["limit"]]
    return 200, {"data": {"customers": {"nodes": [{"orders": {"nodes": newest}}] if his else []}}}


class _Handler(BaseHTTPRequestHandler):
    server: FakeShop

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        parameters = {name: values[0] for name, values in parse_qs(parts.query).items()}
        call = _shopline if parts.path == "/v1/orders/search" else lambda asked: _own_api(parts.path, asked)
        self._answer(self.headers.get("Authorization", ""), lambda: call(parameters))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(self.headers.get("X-Shopify-Access-Token", ""), lambda: _shopify(body))

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
        status, sent = moods.get(self.server.mood, (status, json.dumps(data).encode()))
        self.send_response(status)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""
