"""What a look at the clocks costs while many run: it grows with what is due, not with what runs."""

import statistics
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Integer, Select, cast, insert, literal, select, text, update

from benchmarks import machine
from benchmarks.shop import databases
from bot.clock import now
from bot.services import Services
from bot.sweeper import PAUSE
from handoff import ticker
from handoff.models import Clock, Ticket
from tests import desk

CASES = 1000
LOOKS = 200
DUE = (1, 10, 100, 1000)
ROUNDS = 5
STEADY = 200  # clocks that run out during STEADY_SECONDS while the ticker's loop goes round
STEADY_SECONDS = 10.0
TARGET = timedelta(minutes=30)
LATER = timedelta(days=30)


def measure(database: str, sizes: tuple[int, ...]) -> dict[str, Any]:
    """Shops with so many running clocks, in a folder of their own."""
    passing = tempfile.TemporaryDirectory(prefix="frontline-benchmark-", ignore_cleanup_errors=True)
    with passing as name, databases(database, Path(name)) as made:
        before = machine.load()
        shops = [_shop(Path(name) / str(size), made.address, size) for size in sizes]
    return {"database": database, "load_average": [before, machine.load()], "shops": shops}


def _shop(home: Path, server: str | None, size: int) -> dict[str, Any]:
    home.mkdir()
    with desk.shop(home, server, open_hours="00:00-24:00") as shop:
        _open_cases(shop)
        _let_run(shop, size)
        return {
            "running": size,
            "look_ms": _looks(shop),
            "round_ms": {due: _rounds(shop, due) for due in DUE},
            "found_after_ms": _found_after(shop),
        }


def _open_cases(shop: Services) -> None:
    """Real cases, whose own clocks are far from due; the others hang on them."""
    with shop.sessions.begin() as session:
        for _ in range(CASES):
            shop.wiring.desk.open(session, desk.wish_for_a_person(desk.customer(session)))
        session.flush()
        session.execute(update(Clock).values(next_at=None))


def _let_run(shop: Services, size: int) -> None:
    """As many more clocks as asked for, all running, none due for weeks; written by the database itself."""
    each = -(-size // CASES)
    at, later = now(), now() + LATER
    with shop.engine.begin() as connection:
        numbers = select(literal(1, Integer).label("number")).cte("numbers", recursive=True)
        numbers = numbers.union_all(select(numbers.c.number + 1).where(numbers.c.number < each))
        values = {
            Clock.ticket_id: Ticket.id,
            Clock.kind: literal("next"),
            Clock.subject: cast(numbers.c.number, Integer),
            Clock.state: literal("running"),
            Clock.started_at: _moment(at),
            Clock.anchor_at: _moment(at),
            Clock.spent: literal(0.0),
            Clock.target: literal(TARGET.total_seconds()),
            Clock.calendar: literal(""),
            Clock.rules: literal(0),
            Clock.due_at: _moment(later),
            Clock.next_at: _moment(later),
            Clock.told: literal(0),
        }
        chosen: Select[Any] = select(*values.values()).select_from(Ticket).join(numbers, literal(True))
        connection.execute(insert(Clock).from_select([key.key for key in values], chosen))
        connection.execute(text("ANALYZE"))


def _moment(at: datetime) -> Any:
    return literal(at, Clock.started_at.type)


def _looks(shop: Services) -> dict[str, float]:
    """Nothing is due."""
    times = sorted(_timed(shop) for _ in range(LOOKS))
    return {"p50": round(statistics.median(times), 2), "p99": round(times[int(LOOKS * 0.99)], 2)}


def _rounds(shop: Services, due: int) -> float:
    """So many have run out at once, each of another case: until all are told of, with journal and escalation."""
    return round(statistics.median(_until_told(shop, _run_out(shop, due, now())) for _ in range(ROUNDS)), 1)


def _until_told(shop: Services, chosen: list[int]) -> float:
    spent = 0.0
    while _left(shop, chosen):
        spent += _timed(shop)
    return spent


def _left(shop: Services, chosen: list[int]) -> bool:
    late = select(Clock.id).where(Clock.id.in_(chosen), Clock.next_at <= now()).limit(1)
    with shop.sessions() as session:
        return session.scalar(late) is not None


def _run_out(shop: Services, count: int, first: datetime, apart: float = 0.0) -> list[int]:
    """Clocks whose time is over at `first`, or one after the other from then on; their ids."""
    with shop.sessions.begin() as session:
        running = select(Clock.id).where(Clock.subject > 0, Clock.told == 0).order_by(Clock.subject, Clock.ticket_id)
        chosen = list(session.scalars(running.limit(count)))
        for place, clock in enumerate(chosen):
            due = first + timedelta(seconds=place * apart)
            changed = {"anchor_at": due - TARGET, "due_at": due, "next_at": due, "told": 80}
            session.execute(update(Clock).where(Clock.id == clock).values(**changed))
    return chosen


def _timed(shop: Services) -> float:
    began = time.perf_counter()
    ticker.tick(shop)
    return (time.perf_counter() - began) * 1000


def _found_after(shop: Services) -> dict[str, float]:
    """How late a breach is found by a loop like the ticker's, while they come at a steady rate."""
    chosen = _run_out(shop, STEADY, now() + timedelta(seconds=2), STEADY_SECONDS / STEADY)
    ends = time.monotonic() + STEADY_SECONDS + 4
    while time.monotonic() < ends:
        ticker.tick(shop)
        time.sleep(max(PAUSE, ticker.PACE))
    with shop.sessions() as session:
        found = session.execute(select(Clock.due_at, Clock.breached_at).where(Clock.id.in_(chosen))).all()
    late = sorted((breached - due).total_seconds() * 1000 for due, breached in found if due and breached)
    figures = {"p50": late[len(late) // 2], "p99": late[int(len(late) * 0.99)], "max": late[-1]}
    return {"found": len(late)} | {name: round(value) for name, value in figures.items()}
