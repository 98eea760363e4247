"""A shop's work done in this process: every statement is seen, and shops can be compared turn by turn."""

import itertools
import re
import statistics
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from flask.testing import FlaskClient

import webhook_app
from benchmarks import past
from benchmarks.questions import distinct
from benchmarks.shop import SUPERVISOR, release
from benchmarks.statements import Statements, counted
from bot import services, turn
from bot.services import Services
from bot.settings import Settings
from tests.builders import signed, text_event

TURNS = 40
WARM_UP = 3
VIEWS = ("all", "bot", "closed")
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Indoors:
    """A shop without its processes: webhook and turn are calls, and so is a look at the list."""

    def __init__(self, settings: Settings, size: int) -> None:
        self.current = webhook_app.install(settings)
        self._client = signed_in(self.current)
        questions = distinct(release(settings), by_characters=True, seed=7)
        self._asked = zip(itertools.count(1), past.customers(size), questions, strict=False)

    def turn(self) -> None:
        """The next customer's question, from webhook to reply."""
        conversation, customer, question = next(self._asked)
        body, headers = signed([text_event(customer, question)])
        services.install(self.current)
        assert self._client.post("/webhooks/line", data=body, headers=headers).status_code == HTTPStatus.OK
        turn.take(conversation)

    def look(self) -> None:
        """A supervisor's look at every view of the list."""
        services.install(self.current)
        for view in VIEWS:
            assert self._client.get("/console/list", query_string={"view": view}).status_code == HTTPStatus.OK


def compare(shops: Iterable[Indoors]) -> list[dict[str, Any]]:
    """What a turn and a look at the lists cost each shop; they take turns, so that noise meets all alike."""
    shops = list(shops)
    turns, looks = _timed([shop.turn for shop in shops]), _timed([shop.look for shop in shops])
    return [
        {
            "turn": {**of_turn, **_statements(shop, shop.turn)},
            "lists": {**of_lists, **_statements(shop, shop.look)},
        }
        for shop, of_turn, of_lists in zip(shops, turns, looks, strict=True)
    ]


def signed_in(current: Services) -> FlaskClient:
    """The supervisor at this shop's door, without a server between."""
    client = webhook_app.create_app(current).test_client()
    page = client.get("/sign-in").get_data(as_text=True)
    assert client.post("/sign-in", data=sign_in_form(page)).status_code == HTTPStatus.FOUND
    return client


def sign_in_form(page: str) -> dict[str, str]:
    """The sign-in form as its page wants it filled in."""
    found = TOKEN.search(page)
    assert found, "no form token on the sign-in page"
    return {"username": SUPERVISOR[0], "password": SUPERVISOR[1], "csrf_token": found[1]}


def _timed(works: list[Callable[[], None]]) -> list[dict[str, float]]:
    """Each piece of work in turn, many times: median milliseconds, of the clock and of the processor."""
    clocks: list[list[float]] = [[] for _ in works]
    processors: list[list[float]] = [[] for _ in works]
    for number in range(TURNS + WARM_UP):
        for work, clock, processor in zip(works, clocks, processors, strict=True):
            began, spent = time.perf_counter(), time.process_time()
            work()
            if number >= WARM_UP:
                clock.append((time.perf_counter() - began) * 1000)
                processor.append((time.process_time() - spent) * 1000)
    return [
        {"ms": round(statistics.median(clock), 2), "cpu_ms": round(statistics.median(processor), 2)}
        for clock, processor in zip(clocks, processors, strict=True)
    ]


def _statements(shop: Indoors, work: Callable[[], None], times: int = 10) -> dict[str, Any]:
    with counted(shop.current.engine) as seen:
        for _ in range(times):
            work()
    return _told(seen, times)


def _told(seen: Statements, times: int) -> dict[str, Any]:
    each = {"statements": round(seen.count / times, 1), "commits": round(seen.commits / times, 1)}
    return {**each, "slowest": seen.slowest(4)}
