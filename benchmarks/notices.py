"""From a hand-over to two leads: the journal is read, rows are written, a real mail server takes the mail of the one
and a real push endpoint what the other's browser gets.
"""

import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks import machine
from benchmarks.shop import databases
from bot import sweeper
from bot.models import JournalEntry
from bot.services import Services
from handoff.models import Delivery, Notice, NoticeChoice, PushSubscription
from handoff.notify import reading
from tests import desk
from tests.notices import Browser, Endpoint, Mailbox

A_SECOND = 10
MEDIA = ("email", "webpush")
PATIENCE = 60.0


def measure(database: str, cases: int) -> dict[str, Any]:
    """So many cases, ten a second, while the ticker's loop goes round."""
    with tempfile.TemporaryDirectory(prefix="frontline-benchmark-") as name, databases(database, Path(name)) as made:
        before, home, mailbox, pushes = machine.load(), Path(name) / "shop", Mailbox().start(), Endpoint().start()
        home.mkdir()
        with desk.shop(home, made.make("notices") or None, smtp_url=mailbox.url, own_networks="127.0.0.0/8") as shop:
            waits = _told(shop, cases, Browser(f"{pushes.url}/push"))
        mailbox.stop()
        pushes.stop()
    figures = {medium: _quantiles(waits[medium]) for medium in MEDIA}
    return {"database": database, "cases": cases, "load_average": [before, machine.load()], **figures}


def _quantiles(waits: list[float]) -> dict[str, int]:
    return {f"p{share}_ms": round(float(np.percentile(waits, share))) for share in (50, 95, 99)}


def _told(shop: Services, cases: int, browser: Browser) -> dict[str, list[float]]:
    """By medium the milliseconds from each hand-over's commit until the server on the other end had taken it."""
    with shop.sessions.begin() as session:
        by_mail, by_push = (desk.staff(session, name, "supervisor").id for name in ("林佩蓉", "陳主管"))
        session.add(NoticeChoice(user_id=by_mail, email="lead@shop.example"))
        session.add(PushSubscription(user_id=by_push, endpoint=browser.endpoint, **browser.keys))
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


def _waits(shop: Services, cases: int) -> dict[str, list[float]]:
    sent = select(func.count()).select_from(Delivery).where(Delivery.medium.in_(MEDIA), Delivery.state == "sent")
    ends = time.monotonic() + PATIENCE
    with shop.sessions() as session:
        while (session.scalar(sent) or 0) < cases * len(MEDIA) and time.monotonic() < ends:
            session.rollback()
            time.sleep(0.1)
        return {medium: _of(session, medium, cases) for medium in MEDIA}


def _of(session: Session, medium: str, cases: int) -> list[float]:
    rows = session.execute(
        select(JournalEntry.at, Delivery.sent_at)
        .join(Notice, Notice.entry_id == JournalEntry.id)
        .join(Delivery, Delivery.notice_id == Notice.id)
        .where(Delivery.medium == medium, Delivery.sent_at.is_not(None))
    ).all()
    assert len(rows) == cases, f"{cases - len(rows)} calls by {medium} are missing"
    return [(arrived - at).total_seconds() * 1000 for at, arrived in rows if arrived is not None]
