"""Builds what Meta sends: webhooks of Pages and Instagram accounts in its shapes, signed as it signs."""

import hashlib
import hmac
import itertools
import json
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient

from tests.builders import millis
from tests.fakes_graph import FakeGraph

APP, SECRET, WORD = "1517776481860111", "the app's secret", "our word"
PAGE, PAGE_TOKEN = "100000000000001", "the-page-token"
SHOP, SHOP_TOKEN = "17841400000000001", "the-instagram-token"
PAGE_INBOX = 263902037430900
_serial = itertools.count(1)


def settings_of(graph: FakeGraph) -> dict[str, str]:
    """What an operator sets for a Page and an Instagram account."""
    return {
        "meta_app_secret": SECRET,
        "meta_app_id": APP,
        "meta_verify_token": WORD,
        "meta_page_id": PAGE,
        "meta_page_access_token": PAGE_TOKEN,
        "meta_ig_id": SHOP,
        "meta_ig_access_token": SHOP_TOKEN,
        "meta_graph_base": graph.base,
        "meta_ig_graph_base": graph.base,
    }


def graph() -> FakeGraph:
    accounts = {
        PAGE_TOKEN: {"id": PAGE, "name": "鮮好團購"},
        SHOP_TOKEN: {"id": "9", "user_id": SHOP, "username": "fresh.shop", "name": "鮮好"},
    }
    return FakeGraph(profiles={"7001": "林佳蓉"}, secret=SECRET, accounts=accounts).start()


def mid() -> str:
    """A message's id, as long as Meta's are, and alike but for its end."""
    return f"m_{next(_serial):0120d}"


def event(user: str, account: str = PAGE, **what: Any) -> dict[str, Any]:
    """Something that a customer did."""
    return {"sender": {"id": user}, "recipient": {"id": account}, "timestamp": millis(), **what}


def message(user: str, text: str = "", account: str = PAGE, **fields: Any) -> dict[str, Any]:
    words = {"text": text} if text else {}
    return event(user, account, message={"mid": mid(), **words, **fields})


def echo(user: str, text: str = "", account: str = PAGE, **fields: Any) -> dict[str, Any]:
    """What was said in the account's name."""
    made = message(user, text, account, is_echo=True, **fields)
    return made | {"sender": made["recipient"], "recipient": made["sender"]}


def files(*addresses: str, kind: str = "image") -> list[dict[str, Any]]:
    return [{"type": kind, "payload": {"url": address}} for address in addresses]


def webhook(*events: Any, account: str = PAGE, instead: str = "messaging") -> dict[str, Any]:
    """One webhook of one account; `instead` of messaging the events may stand in standby."""
    kind = "instagram" if account == SHOP else "page"
    return {"object": kind, "entry": [{"id": account, "time": millis(), instead: list(events)}]}


def signed(body: Any, secret: str = SECRET) -> tuple[bytes, dict[str, str]]:
    """The bytes as Meta escapes them, and the headers."""
    data = body if isinstance(body, bytes) else json.dumps(body).replace("/", "\\/").encode()
    digest = hmac.new(secret.encode(), data, hashlib.sha256).hexdigest()
    return data, {"X-Hub-Signature-256": f"sha256={digest}", "Content-Type": "application/json"}


@dataclass
class Person:
    """A customer on Messenger or Instagram: whatever they do becomes a signed webhook call."""

    client: FlaskClient
    id: str = "7001"
    account: str = PAGE

    def post(self, *events: Any, instead: str = "messaging") -> int:
        return self.sends(webhook(*events, account=self.account, instead=instead))

    def sends(self, body: Any, secret: str = SECRET) -> int:
        data, headers = signed(body, secret)
        return self.client.post("/webhooks/messenger", data=data, headers=headers).status_code

    def writes(self, text: str = "", **fields: Any) -> dict[str, Any]:
        made = message(self.id, text, self.account, **fields)
        assert self.post(made) == 200
        return made

    def hears(self, text: str = "", **fields: Any) -> dict[str, Any]:
        """What somebody said to him in the account's name, as the platform tells us."""
        made = echo(self.id, text, self.account, **fields)
        assert self.post(made) == 200
        return made
