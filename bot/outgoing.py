"""Calls to addresses that somebody gave us: never into our own network, never on by a redirect.

The address is looked at once the connection stands and before a byte is sent, so no name that changes its mind
between a look-up and the call leads inside. A library that calls by itself is held alike, within `outside`.
"""

import contextlib
import functools
import ipaddress
import socket
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import requests
from urllib3.connection import HTTPConnection

from bot.errors import PermanentSendError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LEADS_INSIDE = "the address leads into our own network; OWN_NETWORKS does not allow it"


class OwnNetwork(PermanentSendError):
    """An address that leads inside, where OWN_NETWORKS does not allow it."""


@dataclass
class Watch:
    """What may be called of our own network, and whether something else was to be."""

    allowed: Sequence[Network]
    led_inside: bool = False

    def look_at(self, made: socket.socket) -> None:
        """Hang up where it came out inside."""
        if not may_reach(made.getpeername()[0], self.allowed):
            made.close()
            self.led_inside = True
            raise OwnNetwork(LEADS_INSIDE)


_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextlib.contextmanager
def outside(allowed: Sequence[Network]) -> Iterator[None]:
    """Whatever calls by HTTP in here reaches the internet, and of our own network what `allowed` names.

    OwnNetwork also where the caller swallowed it.
    """
    watch = Watch(allowed)
    before = _watch.set(watch)
    try:
        yield
    finally:
        _watch.reset(before)
    if watch.led_inside:
        raise OwnNetwork(LEADS_INSIDE)


class Outgoing(requests.Session):
    """Calls that stay outside."""

    def __init__(self, allowed: Sequence[Network]) -> None:
        super().__init__()
        self._allowed = allowed

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        with outside(self._allowed):
            return super().send(request, **options | {"allow_redirects": False})


def may_reach(address: str, allowed: Sequence[Network]) -> bool:
    """Whether an address is the internet's, or one of ours that may be called."""
    ip = ipaddress.ip_address(address)
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return ip.is_global or any(ip in network for network in allowed)


def _looked_at(connect: Callable[[HTTPConnection], socket.socket]) -> Callable[[HTTPConnection], socket.socket]:
    """A connection is looked at before it speaks; where a forward proxy stands, that one decides instead."""

    @functools.wraps(connect)
    def connected(self: HTTPConnection) -> socket.socket:
        made, watch = connect(self), _watch.get()
        if watch is not None and self.proxy is None:
            watch.look_at(made)
        return made

    return connected


# Libraries make their connections themselves; outside `outside` nothing changes for anybody.
HTTPConnection._new_conn = _looked_at(HTTPConnection._new_conn)  # type: ignore[assignment,method-assign]
