"""Customers who write at a given rate whatever the answer takes, and what became of each of their messages.

An open loop: a message's time runs from when it was due, so that a slow system cannot slow its own load.
"""

import asyncio
import bisect
import contextlib
import itertools
import random
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from benchmarks.line import Platform, content_length
from tests.builders import signed, text_event

PATIENCE = 60.0
OK = 200
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Sent:
    """A message: when it was due, when the webhook answered and how."""

    customer: str
    token: str
    due: float
    acknowledged: float = 0.0
    status: int = 0


@dataclass(frozen=True)
class Outcome:
    """A run: every message with the time of its reply (None: none came)."""

    messages: list[Sent]
    replies: list[float | None]
    ended: float

    @property
    def refused(self) -> int:
        return sum(message.status != OK for message in self.messages)

    @property
    def unanswered(self) -> int:
        return sum(reply is None for reply in self.replies)

    @property
    def latencies(self) -> list[float]:
        """Milliseconds from due to reply, sorted."""
        pairs = zip(self.messages, self.replies, strict=True)
        return sorted((reply - message.due) * 1000 for message, reply in pairs if reply is not None)

    @property
    def acknowledgements(self) -> list[float]:
        """Milliseconds from due to the webhook's answer, sorted."""
        return sorted((message.acknowledged - message.due) * 1000 for message in self.messages)

    def backlog(self, share_from: float, share_to: float) -> float:
        """How many messages waited for their reply, on average over a part of the run."""
        began = self.messages[0].due
        dues = [message.due for message in self.messages]
        replies = sorted(reply for reply in self.replies if reply is not None)
        steps = [share_from + (share_to - share_from) * step / 50 for step in range(51)]
        moments = [began + (self.ended - began) * step for step in steps]
        return sum(bisect.bisect(dues, at) - bisect.bisect(replies, at) for at in moments) / len(moments)


def share(values: list[float], part: float) -> float:
    """The value that `part` of the sorted `values` do not exceed."""
    return round(values[min(int(len(values) * part), len(values) - 1)], 1) if values else 0.0


class Crowd:
    """Customers of one web address; each message comes from the next customer, with the next question."""

    def __init__(self, port: int, platform: Platform, customers: Iterable[str], questions: Iterable[str]) -> None:
        self._port = port
        self._platform = platform
        self._customers = iter(customers)
        self._questions = iter(questions)
        self._lines: deque[Line] = deque()
        self._random = random.Random(20)

    def write(self, rate: float, seconds: float) -> Outcome:
        """Send `rate` messages a second, at random moments, and wait for the replies."""
        messages = self._platform.do(self._send(rate, seconds))
        ended = time.perf_counter()
        while time.perf_counter() < ended + PATIENCE and not all(map(self._reply, messages)):
            time.sleep(0.1)
        return Outcome(messages, [self._reply(message) for message in messages], messages[0].due + seconds)

    def _reply(self, message: Sent) -> float | None:
        arrived = self._platform.arrived
        return arrived.get(message.token) or arrived.get(message.customer)

    async def _send(self, rate: float, seconds: float) -> list[Sent]:
        moments = list(self._moments(rate, seconds))
        # Before the first is due: to find a question that fits costs as much as to answer it, on the same cores.
        events = [text_event(next(self._customers), next(self._questions)) for _ in moments]
        began, messages = time.perf_counter() + 0.2, []
        async with asyncio.TaskGroup() as posts:
            for moment, event in zip(moments, events, strict=True):
                await asyncio.sleep(began + moment - time.perf_counter())
                messages.append(Sent(event["source"]["userId"], event["replyToken"], began + moment))
                posts.create_task(self._post(messages[-1], *signed([event])))
        return messages

    def _moments(self, rate: float, seconds: float) -> Iterator[float]:
        pauses = (self._random.expovariate(rate) for _ in itertools.count())
        return itertools.takewhile(lambda moment: moment < seconds, itertools.accumulate(pauses, initial=0.0))

    async def _post(self, message: Sent, body: bytes, headers: dict[str, str]) -> None:
        """Send one webhook call; one that fails or hangs has no status, which counts as refused."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):  # a timeout is an OSError, too
            async with asyncio.timeout(PATIENCE):
                message.status = await self._status(body, headers)
        message.acknowledged = time.perf_counter()

    async def _status(self, body: bytes, headers: dict[str, str]) -> int:
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        start = f"POST /webhooks/line HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}Content-Length: {len(body)}\r\n\r\n"
        reader, writer = line = await self._line()
        writer.write(start.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(content_length(answer))
        self._lines.append(line)
        return int(answer[9:12])

    async def _line(self) -> Line:
        """A connection that is kept alive, as LINE keeps its own; a new one where all are busy."""
        while self._lines:
            reader, writer = self._lines.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", self._port)
