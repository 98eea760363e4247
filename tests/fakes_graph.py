"""Meta's Graph API on loopback: its send endpoint with its limits, who a token and a customer is, files at its CDN."""

import hashlib
import hmac
import itertools
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes import HANG_UP, Answer, Call, FakePlatform

VERSION = "/v24.0"
_serial = itertools.count(1)


def error(code: int, subcode: int = 0, status: int = 400) -> Answer:
    """A refusal as Graph writes it."""
    told = {"message": "no", "type": "OAuthException", "code": code, "error_subcode": subcode, "fbtrace_id": "A"}
    return status, {"error": told}


@dataclass
class FakeGraph(FakePlatform):
    """Graph as the app with this `secret` sees it, which is `subscribed` to messages or not.

    `accounts` are who the tokens belong to; `files` lie at its CDN; what `arrived` are the bodies of messages taken,
    in order, and `names` the ids that Graph gave them.
    """

    secret: str = "the app's secret"
    accounts: dict[str, dict[str, str]] = field(default_factory=dict)
    subscribed: bool = False
    files: dict[str, bytes] = field(default_factory=dict)
    arrived: list[dict[str, Any]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    @property
    def base(self) -> str:
        return self.url + VERSION

    @property
    def said(self) -> list[str]:
        """Every text that reached a customer, in order."""
        return [body["message"].get("text", "") for body in self.arrived]

    def sends(self) -> list[Call]:
        return [call for call in self.calls if "message" in call.body]

    def take(self, call: Call) -> Answer:
        with self.lock:
            self.calls.append(call)
            if self.outage:
                return self.outage
            asked = urlsplit(call.path)
            if asked.path in self.files:
                return 200, self.files[asked.path]
            if call.bearer not in self.accounts or not self._proved(call.bearer, parse_qs(asked.query)):
                return error(190, status=401)
            what = asked.path.removeprefix(f"{VERSION}/")
            if what != "me/messages":
                return self._told(what, call.bearer)
            if "sender_action" in call.body:
                return 200, {"recipient_id": call.body["recipient"]["id"]}
            return self.troubles.popleft() if self.troubles else self._message(call.body)

    def _proved(self, token: str, asked: dict[str, list[str]]) -> bool:
        proof = hmac.new(self.secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        return asked.get("appsecret_proof") == [proof]

    def _told(self, who: str, token: str) -> Answer:
        if who == "me/subscribed_apps":
            return 200, {"data": [{"id": "1", "subscribed_fields": ["messages"]}] if self.subscribed else []}
        if who == "me":
            return 200, self.accounts[token]
        name = self.profiles.get(who)
        return (200, {"id": who, "name": name}) if name else error(100, 33)

    def _message(self, body: dict[str, Any]) -> Answer:
        message = body["message"]
        if len(message.get("text", "")) > 2000 or len(message.get("quick_replies", [])) > 13:
            return error(100)
        self.arrived.append(body)
        self.names.append(f"m_{next(_serial):0100d}")
        if self.lost_answers:
            self.lost_answers -= 1
            return HANG_UP
        return 200, {"recipient_id": body["recipient"]["id"], "message_id": self.names[-1]}
