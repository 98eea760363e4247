"""Calls to Meta's Graph API: the token in a header, and with it the proof that the caller knows the app's secret."""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode

import structlog
import urllib3
from urllib3.exceptions import HTTPError

from bot.channels.calling import ONCE, broken_off
from bot.channels.messenger import failures
from bot.channels.values import object_of
from bot.errors import TemporarySendError

TIMEOUT = urllib3.Timeout(connect=2.0, read=6.0)
PROFILE_TIMEOUT = urllib3.Timeout(connect=1.0, read=2.0)  # a name is worth a moment of a turn, no more

ABREAST = 10  # calls at the same time that keep their connection

log = structlog.get_logger()


@cache
def connections() -> urllib3.PoolManager:
    """Those of this process, shared between threads."""
    return urllib3.PoolManager(maxsize=ABREAST, timeout=TIMEOUT, retries=ONCE)


@dataclass(frozen=True)
class Graph:
    """An account's way in: Graph's address with its version, the account's token, the app's secret."""

    base: str
    token: str = field(repr=False)
    secret: str = field(repr=False)

    def read(self, path: str, fields: str, timeout: urllib3.Timeout = TIMEOUT) -> dict[str, Any]:
        """What Graph tells; a SendError where it does not."""
        return self._call("GET", path, {"fields": fields}, None, timeout)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """What came of it; empty where Graph took it and answers in a way that nobody knows."""
        return self._call("POST", path, {}, body, TIMEOUT)

    def _call(
        self, method: str, path: str, asked: dict[str, str], body: dict[str, Any] | None, timeout: urllib3.Timeout
    ) -> dict[str, Any]:
        if not self.token:
            raise TemporarySendError("there is no access token for this account")
        address = f"{self.base}/{path}?{urlencode(asked | self._proof())}"
        headers = {"Authorization": f"Bearer {self.token}"}
        data = json.dumps(body).encode() if body is not None else None
        if data is not None:
            headers["Content-Type"] = "application/json"
        try:
            answer = connections().request(method, address, body=data, headers=headers, timeout=timeout)
        except (HTTPError, OSError) as error:
            raise broken_off("Meta", error) from error
        return _told(answer)

    def _proof(self) -> dict[str, str]:
        if not self.secret:
            return {}
        return {"appsecret_proof": hmac.new(self.secret.encode(), self.token.encode(), hashlib.sha256).hexdigest()}


def _told(answer: urllib3.BaseHTTPResponse) -> dict[str, Any]:
    if not 200 <= answer.status < 300:
        refused = failures.refusal(answer.status, answer.data)
        if refused.status == failures.REFUSED:
            log.error("meta.not_authorised", reason=refused.reason)
        raise refused
    try:
        return object_of(json.loads(answer.data))
    except (ValueError, RecursionError):
        return {}
