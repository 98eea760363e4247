"""Calls to a shop's API: short time-outs, no redirect, no retry, and every failure one that names what is wrong."""

import contextlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from bot.errors import ChangeBrokeOff, ChangeRefused, OrdersAway
from bot.orders import reading

TIMEOUT = urllib3.Timeout(connect=2.0, read=4.0)  # a customer waits, and so do those behind him
LONGEST = 4.0  # seconds for all of an answer
LARGEST, PIECE = 2_000_000, 65_536  # bytes of an answer
LONGEST_REASON = 200  # characters of what a shop says
NOT_FOUND, TOO_MANY = 404, 429
NEVER_LEFT = (NewConnectionError, ConnectTimeoutError)


def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(timeout=TIMEOUT, retries=False, maxsize=4)


@dataclass(frozen=True)
class Shop:
    """A shop's API at `base`; `headers` hold our token."""

    base: str
    headers: Mapping[str, str] = field(repr=False)
    pool: urllib3.PoolManager = field(default_factory=_pool, repr=False)

    def get(self, path: str, **parameters: str) -> Any:
        """What lies there; None where nothing does."""
        return self._answer("GET", path, fields=parameters or None)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._answer("POST", path, json=body)

    def change(self, method: str, path: str, body: Mapping[str, Any], why: str = "") -> bytes:
        """Have something changed, once; the answer. `why`: where in a refusal the shop says its reason."""
        try:
            status, data = self._call(method, path, json=body)
        except NEVER_LEFT as error:
            raise OrdersAway(f"{self._host} does not answer ({type(error).__name__})") from error
        except (HTTPError, OrdersAway) as error:
            raise ChangeBrokeOff("%(shop)s 沒有回答", shop=self._host) from error
        if status in (401, 403, TOO_MANY):
            raise OrdersAway(f"{self._host} does not let us change orders now ({status})")
        if 400 <= status < 500:
            told = _reason(data, why)[:LONGEST_REASON]
            raise ChangeRefused("%(shop)s 沒有改（%(status)s）%(told)s", shop=self._host, status=status, told=told)
        if not 200 <= status < 300:
            raise ChangeBrokeOff("%(shop)s 回答 %(status)s", shop=self._host, status=status)
        return data

    @property
    def _host(self) -> str:
        return urlsplit(self.base).netloc

    def _answer(self, method: str, path: str, **sent: Any) -> Any:
        host = self._host
        try:
            status, data = self._call(method, path, **sent)
        except (HTTPError, ValueError) as error:  # ValueError: an address that cannot be called at all
            raise OrdersAway(f"{host} does not answer ({type(error).__name__})") from error
        if status == NOT_FOUND:
            return None
        if status in (401, 403):
            raise OrdersAway(f"{host} does not accept ORDERS_TOKEN ({status})")
        if status != 200:
            raise OrdersAway(f"{host} answered {status}")
        return parsed(host, data)

    def _call(self, method: str, path: str, **sent: Any) -> tuple[int, bytes]:
        response = self.pool.request(
            method,
            self.base.rstrip("/") + path,
            headers=dict(self.headers),
            redirect=False,
            preload_content=False,
            **sent,
        )
        return response.status, _read(self._host, response)


def _read(host: str, response: urllib3.BaseHTTPResponse) -> bytes:
    """The answer, in pieces: who sends a drop now and then is as good as away."""
    ends, data = time.monotonic() + LONGEST, b""
    with contextlib.closing(response):
        for piece in response.stream(PIECE):
            data += piece
            if time.monotonic() > ends:
                raise OrdersAway(f"{host} takes too long")
            if len(data) > LARGEST:
                break
        else:
            response.release_conn()
    return data


def _reason(data: bytes, why: str) -> str:
    """What the shop says of its refusal, if it says it there."""
    try:
        return reading.text(reading.at(json.loads(data), why)) if why else ""
    except ValueError:
        return ""


def parsed(host: str, data: bytes) -> Any:
    """An answer that must be JSON."""
    if len(data) > LARGEST:
        raise OrdersAway(f"{host} answered with more than {LARGEST} bytes")
    try:
        return json.loads(data)
    except ValueError as error:
        raise OrdersAway(f"{host} answered with what is no JSON") from error
