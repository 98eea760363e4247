"""Calls to addresses that a browser or a program gave us: never into our own network, never on by a redirect.

The address is looked at once the connection stands and before a byte is sent, so no name that changes its mind
between a look-up and the call leads inside.
"""

import ipaddress
import socket
from collections.abc import Sequence
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from bot.errors import PermanentSendError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
SCHEMES = {"http": (HTTPConnectionPool, HTTPConnection), "https": (HTTPSConnectionPool, HTTPSConnection)}


class OwnNetwork(PermanentSendError):
    """An address that leads inside, where OWN_NETWORKS does not allow it."""


class Outgoing(requests.Session):
    """Calls that reach the internet, and of our own network what `allowed` names."""

    def __init__(self, allowed: Sequence[Network]) -> None:
        super().__init__()
        for scheme in SCHEMES:
            self.mount(f"{scheme}://", _Adapter(allowed))

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        return super().send(request, **options | {"allow_redirects": False})


def may_reach(address: str, allowed: Sequence[Network]) -> bool:
    """Whether an address is the internet's, or one of ours that may be called."""
    ip = ipaddress.ip_address(address)
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return ip.is_global or any(ip in network for network in allowed)


class _Adapter(HTTPAdapter):
    def __init__(self, allowed: Sequence[Network]) -> None:
        self._allowed = allowed
        super().__init__()

    def init_poolmanager(self, *sizes: Any, **options: Any) -> None:
        super().init_poolmanager(*sizes, **options)
        self.poolmanager.pool_classes_by_scheme = {
            scheme: type(pool.__name__, (pool,), {"ConnectionCls": _careful(connection, self._allowed)})
            for scheme, (pool, connection) in SCHEMES.items()
        }


def _careful(connection: type[HTTPConnection], allowed: Sequence[Network]) -> type[HTTPConnection]:
    """A connection that hangs up before it speaks where it came out inside."""

    def connect(self: HTTPConnection) -> socket.socket:
        made = connection._new_conn(self)
        if not may_reach(made.getpeername()[0], allowed):
            made.close()
            raise OwnNetwork("the address leads into our own network; OWN_NETWORKS does not allow it")
        return made

    return type(connection.__name__, (connection,), {"_new_conn": connect})
