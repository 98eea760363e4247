"""The agents' list in a shop with a long past: the server's time for every view, page, filter and search.

Asked of this process, one after the other, without a network between: what is timed is statements and drawing.
"""

import json
import statistics
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

import webhook_app
from benchmarks import machine, past
from benchmarks.indoors import signed_in
from benchmarks.line import Platform
from benchmarks.load import share
from benchmarks.shop import Databases, known_shop, open_shop
from benchmarks.stage import workshop, workshop_in
from benchmarks.statements import counted
from bot import services
from bot.clock import now
from handoff.console.views import VIEWS

LOOKS = 30
WARM_UP = 3
SLOWEST = 2
SEARCHES = {
    "a word of every answer": "工作天",
    "a word of many questions": "退款",
    "two words": "發票 統編",
    "a name that thousands have": "顧客7",
    "a case's number": f"CS-PAST-{past.FEWEST_CASES}",
    "a word that nobody said": "量子力學",
}
Question = Mapping[str, str]


def measure(database: str, tickets: int, messages: int, keep: Path | None) -> dict[str, Any]:
    """What each look at the list of such a shop costs."""
    with _workshop(database, keep) as (folder, made, line):
        stored = _store(folder, made, line, tickets, messages)
        current = webhook_app.install(known_shop(folder / "shop", made.at("shop"), line.url))
        facts, client = machine.facts(current.engine), signed_in(current)
        lists = {name: _looked(current, client, asked) for name, asked in _lists(tickets).items()}
        found = {name: _looked(current, client, {"q": words}) for name, words in SEARCHES.items()}
        current.engine.dispose()
    return {
        "benchmark": "lists",
        **facts,
        "load_average_after": machine.load(),
        "tickets": tickets,
        "messages": messages,
        "stored_in_seconds": stored,
        "lists": lists,
        "searches": found,
    }


def _workshop(database: str, keep: Path | None) -> AbstractContextManager[tuple[Path, Databases, Platform]]:
    if keep is None:
        return workshop(database)
    keep.mkdir(parents=True, exist_ok=True)
    return workshop_in(keep, database)


def _store(folder: Path, made: Databases, line: Platform, tickets: int, messages: int) -> int:
    """Open the shop with its past, unless that lies here already; the seconds that it took then."""
    done, wanted = folder / "stored.json", {"tickets": tickets, "messages": messages}
    if done.exists():
        known = json.loads(done.read_text())
        assert {name: known[name] for name in wanted} == wanted, f"in {folder} lies another shop: {known}"
        return int(known["seconds"])
    home = folder / "shop"
    assert not home.exists(), f"a run broke off here: remove {folder} and begin again"
    home.mkdir()
    settings = open_shop(home, made.make("shop"), line.url)
    began = time.perf_counter()
    past.store(settings, tickets, one_case_in=1, messages=max(2, messages // tickets))
    seconds = round(time.perf_counter() - began)
    done.write_text(json.dumps({**wanted, "seconds": seconds}))
    return seconds


def _lists(tickets: int) -> dict[str, Question]:
    """Every view from its beginning; what is over also far down and narrowed."""
    middle = f"{(now() - timedelta(days=past.DAYS / 2)).isoformat()}_{tickets // 2}"
    return {
        **{view: {"view": view} for view in VIEWS},
        "closed, far down": {"view": "closed", "group": "resting", "after": middle},
        "closed, of a level": {"view": "closed", "narrow": "1", "level": "L3"},
        "closed, of a team without any": {"view": "closed", "narrow": "1", "team": "none"},
        "open, of a level": {"view": "all", "narrow": "1", "level": "L3"},
    }


def _looked(current: services.Services, client: FlaskClient, asked: Question) -> dict[str, Any]:
    """Milliseconds of many looks, and which statements take most of one."""
    services.install(current)
    looks = [_timed(client, asked) for _ in range(LOOKS + WARM_UP)][WARM_UP:]
    took, spent = (sorted(times) for times in zip(*looks, strict=True))
    with counted(current.engine) as seen:
        _timed(client, asked)
    return {
        "p50": round(statistics.median(took), 1),
        "p95": share(took, 0.95),
        "cpu_p50": round(statistics.median(spent), 1),
        "statements": seen.count,
        "slowest": seen.slowest(SLOWEST),
    }


def _timed(client: FlaskClient, asked: Question) -> tuple[float, float]:
    """By the clock, and of this process's CPU (the database's own is not in it)."""
    began, spent = time.perf_counter(), time.process_time()
    assert client.get("/console/list", query_string=asked).status_code == HTTPStatus.OK
    return (time.perf_counter() - began) * 1000, (time.process_time() - spent) * 1000
