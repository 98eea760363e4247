"""Files that customers sent: they lie at addresses of Meta's, for a short time. No other address is ever called."""

import contextlib
from typing import IO
from urllib.parse import urlsplit

from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from bot.channels.calling import FILE_TIMEOUT, pour
from bot.channels.messenger.graph import Graph, connections
from bot.errors import FileAway, FileGone

HOSTS = ("fbcdn.net", "fbsbx.com", "cdninstagram.com")
READY = 200


def fetch(graph: Graph, address: str, into: IO[bytes], limit: int) -> bool:
    """Write what lies at an address `into`. The address is its own key, so nobody sends ours along."""
    if not _metas(graph, address):
        raise FileGone("it does not lie at an address of Meta's")
    try:
        answer = connections().request("GET", address, preload_content=False, timeout=FILE_TIMEOUT)
        with contextlib.closing(answer):  # also where it is left half read
            _check(answer)
            pour(answer, into, limit)
    except HTTPError as error:
        raise FileAway(f"no clear answer from Meta ({type(error).__name__})") from error
    return True


def _check(answer: BaseHTTPResponse) -> None:
    if 400 <= answer.status < 500 and answer.status != 429:
        raise FileGone(f"Meta does not have it ({answer.status})")
    if answer.status != READY:
        raise FileAway(f"Meta did not give it ({answer.status})")


def _metas(graph: Graph, address: str) -> bool:
    """One of Meta's hosts over TLS, or Graph itself."""
    try:
        given, base = urlsplit(address), urlsplit(graph.base)
        if (given.scheme, given.hostname, given.port) == (base.scheme, base.hostname, base.port):
            return given.username is None
        host = given.hostname or ""
        ours = any(host == one or host.endswith(f".{one}") for one in HOSTS)
        return given.scheme == "https" and ours and given.port in (None, 443) and given.username is None
    except ValueError:
        return False
