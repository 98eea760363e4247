"""From a handoff to the agents' screens: so many consoles listen to the stream while customers ask for a person. As on
the page, a case is on the screen when the stream tells of it or when a list shows it, whichever comes first, and each
fetches its list within the pause that the stream names. Then what the process of the streams holds with many open.
"""

import asyncio
import contextlib
import itertools
import json
import random
import re
import resource
import time
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any

import aiohttp
from sqlalchemy import select

from benchmarks import machine, processes
from benchmarks.indoors import sign_in_form
from benchmarks.load import share
from benchmarks.notices import WARM_RATE, WARM_UP, WISH
from benchmarks.shop import SUPERVISOR, open_shop
from benchmarks.stage import Stage, started, workshop
from bot import db
from bot.models import User
from bot.settings import Settings
from handoff.models import Ticket

SOON = 0.12  # seconds, as frontend/src/console/pacing.js has it
SELDOM = 30.0  # likewise concerns.js, and what of a conversation without a row here is told so
AMONG_MACHINES = frozenset(
    {"message.received", "message.queued", "message.sent", "turn.understood", "turn.decided", "turn.answered"}
)
AT_THE_DOOR = 4  # consoles that sign in at once: a password costs 60 ms of CPU
PATIENCE = 60.0
FILES = 8192
NUMBER = re.compile(r"/console/cases/(CS-[\d-]+)")


class Screen:
    """One open console. `told`, `listed`: when each case was on it by the stream, by a list; on the wall's clock."""

    def __init__(self, url: str, stream: str) -> None:
        self._url, self._stream = url, stream
        self._http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self._timer: asyncio.TimerHandle | None = None
        self._drawing: asyncio.Task[None] | None = None
        self._again = False
        self._pause = SOON
        self._limit = float("inf")
        self._overhearing: list[asyncio.Task[None]] = []
        self.told: dict[str, float] = {}
        self.listed: dict[str, float] = {}
        self.fetches = 0

    @property
    def seen(self) -> dict[str, float]:
        """When each case was on it first."""
        return {number: min(self.told.get(number, at), at) for number, at in (self.told | self.listed).items()}

    async def sign_in(self, door: asyncio.Semaphore, username: str) -> None:
        async with door:
            async with self._http.get(f"{self._url}/sign-in") as page:
                form = sign_in_form(await page.text()) | {"username": username}
            async with self._http.post(f"{self._url}/sign-in", data=form, allow_redirects=False) as answer:
                assert answer.status == HTTPStatus.FOUND

    async def watch(self) -> None:
        """Hear every hint, until somebody ends it."""
        async with self._http.get(self._stream, timeout=aiohttp.ClientTimeout(total=None)) as hints:
            async for line in hints.content:
                if line.startswith(b"data: "):
                    self._hear(json.loads(line.removeprefix(b"data: ")))

    def _hear(self, hint: dict[str, Any]) -> None:
        self._pause = hint.get("pause", self._pause * 1000) / 1000
        if row := hint.get("row"):
            self.told.setdefault(row["number"], time.time())
        if "kind" in hint:
            self._draw_within(SELDOM if hint["kind"] in AMONG_MACHINES else self._pause)

    def _draw_within(self, pause: float) -> None:
        """At a random moment; what is to be drawn soon enough stays as it is."""
        limit = time.monotonic() + max(pause, SOON)
        if limit >= self._limit:
            return
        if self._timer:
            self._timer.cancel()
        self._limit = limit
        self._timer = asyncio.get_running_loop().call_later(random.uniform(SOON, max(pause, SOON)), self._hint)

    def _hint(self) -> None:
        self._limit, self._again = float("inf"), True
        self._drawing = self._drawing or asyncio.create_task(self._draw())

    async def _draw(self) -> None:
        """One drawing at a time: hints that come meanwhile ask for one more."""
        while self._again:
            self._again = False
            async with self._http.get(f"{self._url}/console/list", params={"view": "new"}) as answer:
                shown, at = NUMBER.findall(await answer.text()), time.time()
            self.fetches += 1
            for number in shown:
                self.listed.setdefault(number, at)
        self._drawing = None

    async def listen(self) -> bool:
        """One more stream, which is heard and not acted upon; whether it was let in."""
        hints = await self._http.get(self._stream, timeout=aiohttp.ClientTimeout(total=None))
        self._overhearing.append(asyncio.create_task(_heard(hints)))
        return hints.status == HTTPStatus.OK

    async def close(self) -> None:
        """Fetch nothing more; what is being fetched comes to its end."""
        if self._timer:
            self._timer.cancel()
        self._again = False
        if self._drawing:
            await asyncio.wait([self._drawing])
        for overhearing in self._overhearing:
            overhearing.cancel()
        await asyncio.gather(*self._overhearing, return_exceptions=True)
        await self._http.close()


async def _heard(hints: aiohttp.ClientResponse) -> None:
    async for _ in hints.content.iter_any():
        pass


class Room:
    """All the screens, on the loop that plays LINE as well."""

    def __init__(self, shop: Stage, usernames: Sequence[str]) -> None:
        self._shop, self._usernames = shop, usernames
        self.screens: list[Screen] = []
        self._watching: list[asyncio.Task[None]] = []

    async def sign_in(self) -> None:
        """Everybody at her screen, which hears nothing yet."""
        door = asyncio.Semaphore(AT_THE_DOOR)
        self.screens = [Screen(self._shop.url, self._stream) for _ in self._usernames]
        signing = zip(self.screens, self._usernames, strict=True)
        await asyncio.gather(*(screen.sign_in(door, username) for screen, username in signing))

    async def watch(self) -> None:
        """From now on every screen hears the stream, and does as the page does."""
        self._watching = [asyncio.create_task(screen.watch()) for screen in self.screens]

    async def crowd(self, streams: int) -> int:
        """So many further streams of the same people; how many were let in."""
        further = itertools.islice(itertools.cycle(self.screens), max(0, streams))
        return sum(await asyncio.gather(*(screen.listen() for screen in further)))

    async def close(self) -> None:
        for watching in self._watching:
            watching.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
        await asyncio.gather(*(screen.close() for screen in self.screens))

    @property
    def _stream(self) -> str:
        host, port = self._shop.url.rsplit(":", 1)
        return f"{host}:{int(port) + 1}/api/v1/stream"


def measure(database: str, consoles: int, streams: int, rate: float, seconds: float) -> dict[str, Any]:
    """Handoffs at a rate while so many consoles look on, then the memory of so many streams."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
    with workshop(database) as (folder, made, line):
        settings = open_shop(folder / "shop", made.make("shop"), line.url)
        usernames = hire(settings, consoles)
        with started(settings, line, made.server) as shop, opened(shop, usernames) as room:
            line.do(room.watch())
            crowd = shop.crowd(itertools.repeat(WISH), (f"U{number:032d}" for number in itertools.count()))
            crowd.write(WARM_RATE, WARM_UP)
            before, began, spent = machine.load(), time.time(), processes.cpu_by_kind(shop.processes())
            drawn = sum(screen.fetches for screen in room.screens)
            crowd.write(rate, seconds)
            handoffs = {number: at for number, at in _handoffs(settings).items() if at >= began}
            waits = _waits(room.screens, handoffs)
            fetched = _until(handoffs, [screen.listed for screen in room.screens])
            after = processes.cpu_by_kind(shop.processes())
            fetches = sum(screen.fetches for screen in room.screens) - drawn
            memory = {"after_the_run": held(shop)}
            let_in = consoles + line.do(room.crowd(streams - consoles))
            memory[f"{let_in}_streams"] = held(shop)
    return {
        "benchmark": "screens",
        "database": database,
        "load_average": [before, machine.load()],
        "consoles": consoles,
        "handoffs": len(handoffs),
        "shown": len(waits),
        "not_shown": len(handoffs) * consoles - len(waits),
        "on_screen_ms": {f"p{part}": share(waits, part / 100) for part in (50, 95, 99)},
        "in_a_list_ms": {f"p{part}": share(fetched, part / 100) for part in (50, 95, 99)},
        "fetches": fetches,
        "cpu_seconds": {kind: round(after[kind] - spent.get(kind, 0.0), 1) for kind in after},
        "stream_mb": memory,
    }


@contextlib.contextmanager
def opened(shop: Stage, usernames: Sequence[str]) -> Iterator[Room]:
    """A room in which these people have signed in."""
    room = Room(shop, usernames)
    shop.platform.do(room.sign_in())
    try:
        yield room
    finally:
        shop.platform.do(room.close())


def hire(settings: Settings, consoles: int) -> list[str]:
    """Colleagues of the supervisor's, with her password."""
    usernames = [f"agent{number}" for number in range(consoles)]
    engine = db.connect(settings)
    with db.sessions(engine).begin() as session:
        known = select(User.password_hash).where(User.username == SUPERVISOR[0])
        password = session.scalars(known).one()
        session.add_all(
            User(username=username, name=username, role="agent", password_hash=password) for username in usernames
        )
    engine.dispose()
    return usernames


def _handoffs(settings: Settings) -> dict[str, float]:
    """When each case was opened."""
    engine = db.connect(settings)
    with db.sessions(engine)() as session:
        opened = session.execute(select(Ticket.number, Ticket.opened_at)).all()
    engine.dispose()
    return {number: at.timestamp() for number, at in opened}


def _waits(screens: Sequence[Screen], handoffs: dict[str, float]) -> list[float]:
    """Milliseconds from each handoff to each screen; lists that are still to come are waited for."""
    ends = time.perf_counter() + PATIENCE
    while time.perf_counter() < ends and any(handoffs.keys() - screen.listed.keys() for screen in screens):
        time.sleep(0.2)
    return _until(handoffs, [screen.seen for screen in screens])


def _until(handoffs: dict[str, float], screens: Sequence[dict[str, float]]) -> list[float]:
    """Milliseconds from each handoff to each screen that came to show it, sorted."""
    return sorted((seen[number] - at) * 1000 for seen in screens for number, at in handoffs.items() if number in seen)


def held(shop: Stage) -> float:
    """Megabytes of the stream's processes, shares added up."""
    return processes.memory_by_kind(shop.processes())["stream"]["pss_mb_all"]
