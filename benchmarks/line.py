"""LINE as far as a benchmark needs it: takes every message at once, and notes when.

It shares the cores with what is measured, so it is one asyncio loop in a thread and reads no more than it must.
"""

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

T = TypeVar("T")
SENT = {"sentMessages": [{"id": "1"}]}
ANSWERS = {"/profile/": {"displayName": "陳怡君"}, "/quota/consumption": {"totalUsage": 0}, "/quota": {"type": "none"}}


class Platform:
    """`arrived` holds when each reply token, and each customer who was pushed to, was spoken to first."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.arrived: dict[str, float] = {}
        self._loop = loop
        self._callers: set[asyncio.StreamWriter] = set()
        self._server = self.do(asyncio.start_server(self._serve, "127.0.0.1", 0))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something on the loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._callers.add(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                body = await reader.readexactly(content_length(head))
                writer.write(response(self._take(head.split(b" ", 2)[1].decode(), body)))
        self._callers.discard(writer)
        writer.close()

    async def close(self) -> None:
        """Hang up on everybody, and wait until they have noticed."""
        self._server.close()
        for caller in tuple(self._callers):
            caller.transport.abort()
        while self._callers:
            await asyncio.sleep(0.01)

    def _take(self, path: str, body: bytes) -> dict[str, Any]:
        if path.endswith(("/reply", "/push")):
            sent = json.loads(body)
            self.arrived.setdefault(sent.get("replyToken") or sent["to"], time.perf_counter())
            return SENT
        return next((answer for mark, answer in ANSWERS.items() if mark in path), {})


def content_length(head: bytes) -> int:
    """How long the body behind an HTTP head is."""
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0]) if found else 0


def response(answer: dict[str, Any]) -> bytes:
    data = json.dumps(answer).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
    return head.encode() + data


@contextlib.contextmanager
def platform() -> Iterator[Platform]:
    """A recording platform on a free port of loopback."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    recording = Platform(loop)
    try:
        yield recording
    finally:
        recording.do(recording.close())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
