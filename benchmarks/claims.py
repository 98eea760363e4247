"""How fast cases find their people: given by the queue, taken by hand by fifty at once, and looked at in vain."""

import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select

from benchmarks.shop import databases
from bot.errors import Refused
from bot.services import Services
from bot.transactions import transact
from handoff import presence, tickets
from handoff.assignment import draining, teams
from handoff.models import Ticket
from tests import desk

AGENTS, STARTS, LOOKS = 50, 10, 20


def measure(database: str, cases: int) -> dict[str, Any]:
    """Figures of one database, in a folder of its own."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with databases(database, folder) as made, desk.shop(folder, made.address) as shop:
            agents = _agents(shop, capacity=cases // AGENTS)
            _arrive(shop, cases)
            given = _given(shop, cases, agents)
            _arrive(shop, cases)
            taken = _taken(shop, agents)
            _arrive(shop, cases)
            return {"cases": cases, "agents": AGENTS, "given": given, "taken": taken, "in_vain": _in_vain(shop, agents)}


def _agents(shop: Services, capacity: int) -> list[int]:
    with shop.sessions.begin() as session:
        teams.prepare(session, {"orders": "orders"})
        users = [desk.staff(session, f"agent {n}") for n in range(AGENTS)]
        for user in users:
            teams.join(session, "orders", user.username, capacity, (), lead=False, standby=False)
    return [user.id for user in users]


def _arrive(shop: Services, cases: int) -> None:
    with shop.sessions.begin() as session:
        for _ in range(cases):
            shop.wiring.desk.open(session, desk.wish_for_a_person(desk.customer(session), team="orders"))


def _come(shop: Services, agents: list[int]) -> None:
    for agent in agents:
        presence.seen(shop.sessions, agent)


def _given(shop: Services, cases: int, agents: list[int]) -> dict[str, float]:
    """By the queue, in one process, one transaction each; everybody can take just as many as there are."""
    _come(shop, agents)
    began, busy = time.perf_counter(), time.process_time()
    draining.look(shop)
    seconds, busy = time.perf_counter() - began, time.process_time() - busy
    with shop.sessions() as session:
        left = len(session.scalars(select(Ticket.id).where(Ticket.assignee_id.is_(None))).all())
    cpu = round(busy * 1000 / (cases - left), 2)
    return {"per_second": round((cases - left) / seconds, 1), "cpu_ms_each": cpu, "left": left}


def _taken(shop: Services, agents: list[int]) -> dict[str, float]:
    """By hand: all of them click at the oldest case of the list until it is empty."""
    with shop.sessions() as session:
        queue = session.scalars(select(Ticket.id).where(Ticket.assignee_id.is_(None)).order_by(Ticket.id)).all()
    began = time.perf_counter()
    with ThreadPoolExecutor(AGENTS) as hands:
        clicks = [spent for own in hands.map(partial(_click, shop, list(queue)), agents) for spent in own]
    seconds = time.perf_counter() - began
    won = sorted(spent for spent, wins in clicks if wins)
    return {
        "per_second": round(len(won) / seconds, 1),
        "clicks_per_second": round(len(clicks) / seconds, 1),
        "won": len(won),
        "p50_ms": round(statistics.median(won) * 1000, 1),
        "p95_ms": round(won[int(len(won) * 0.95)] * 1000, 1),
    }


def _click(shop: Services, queue: list[int], agent: int) -> list[tuple[float, bool]]:
    """Several begin at the same place of the list; each goes on until they have their share."""
    start, share = agent % STARTS * len(queue) // STARTS, len(queue) // AGENTS
    clicks: list[tuple[float, bool]] = []
    for case in queue[start:] + queue[:start]:
        began = time.perf_counter()
        wins = _claim(shop, case, agent)
        clicks.append((time.perf_counter() - began, wins))
        if sum(won for _, won in clicks) == share:
            break
    return clicks


def _claim(shop: Services, case: int, agent: int) -> bool:
    try:
        transact(shop.sessions, lambda session: tickets.claim(session, case, agent))
    except Refused:
        return False
    return True


def _in_vain(shop: Services, agents: list[int]) -> dict[str, float]:
    """What a look costs while the queue is long and everybody is full."""
    _come(shop, agents)
    looks, busy = [], time.process_time()
    for _ in range(LOOKS):
        began = time.perf_counter()
        draining.look(shop)
        looks.append((time.perf_counter() - began) * 1000)
    cpu = (time.process_time() - busy) * 1000 / LOOKS
    return {"p50_ms": round(statistics.median(looks), 2), "cpu_ms": round(cpu, 2)}
