"""From a hand-over to the lead's mailbox: the journal is read, rows are written, a real mail server takes the mail."""

import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import func, select

from benchmarks import machine
from benchmarks.shop import databases
from bot import sweeper
from bot.models import JournalEntry
from bot.services import Services
from handoff.models import Delivery, Notice, NoticeChoice
from handoff.notify import reading
from tests import desk
from tests.notices import Mailbox

A_SECOND = 10
PATIENCE = 60.0


def measure(database: str, cases: int) -> dict[str, Any]:
    """So many cases, ten a second, while the ticker's loop goes round."""
    with tempfile.TemporaryDirectory(prefix="frontline-benchmark-") as name, databases(database, Path(name)) as made:
        before, home, mailbox = machine.load(), Path(name) / "shop", Mailbox().start()
        home.mkdir()
        with desk.shop(home, made.make("notices") or None, smtp_url=mailbox.url) as shop:
            waits = _told(shop, cases)
        mailbox.stop()
    quantiles = {f"p{share}_ms": round(float(np.percentile(waits, share))) for share in (50, 95, 99)}
    return {"database": database, "cases": cases, "load_average": [before, machine.load()], **quantiles}


def _told(shop: Services, cases: int) -> list[float]:
    """Milliseconds from each hand-over's commit until the mail server had the mail."""
    with shop.sessions.begin() as session:
        session.add(NoticeChoice(user_id=desk.staff(session, "林佩蓉", "supervisor").id, email="lead@shop.example"))
    reading.look(shop)
    stop = threading.Event()
    ticker = threading.Thread(target=sweeper.run, args=(stop,))
    ticker.start()
    try:
        _hand_over(shop, cases)
        return _waits(shop, cases)
    finally:
        stop.set()
        ticker.join()


def _hand_over(shop: Services, cases: int) -> None:
    for _ in range(cases):
        with shop.sessions.begin() as session:
            shop.wiring.desk.open(session, desk.wish_for_a_person(desk.customer(session)))
        time.sleep(1 / A_SECOND)


def _waits(shop: Services, cases: int) -> list[float]:
    sent = select(func.count()).select_from(Delivery).where(Delivery.medium == "email", Delivery.state == "sent")
    ends = time.monotonic() + PATIENCE
    with shop.sessions() as session:
        while (session.scalar(sent) or 0) < cases and time.monotonic() < ends:
            session.rollback()
            time.sleep(0.1)
        rows = session.execute(
            select(JournalEntry.at, Delivery.sent_at)
            .join(Notice, Notice.entry_id == JournalEntry.id)
            .join(Delivery, Delivery.notice_id == Notice.id)
            .where(Delivery.medium == "email", Delivery.sent_at.is_not(None))
        ).all()
    assert len(rows) == cases, f"{cases - len(rows)} mails are missing"
    return [(arrived - at).total_seconds() * 1000 for at, arrived in rows if arrived is not None]
