"""From a customer's webhook to the staff's mailbox and browser: he asks for a person, a turn opens the case, and of two
leads one is told by mail, the other by push. All processes run, as an operator starts them.
"""

import contextlib
import itertools
import time
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import select

from benchmarks import machine
from benchmarks.load import Outcome, share
from benchmarks.shop import open_shop
from benchmarks.stage import started, workshop
from bot import db
from bot.auth.accounts import create_user
from bot.models import Conversation
from bot.settings import Settings
from handoff.models import NoticeChoice, PushSubscription, Ticket
from handoff.numbers import quoted
from tests.notices import Browser, Endpoint, Mailbox

WISH = "我要找真人"
WARM_UP = 8.0  # seconds; workers load the understanding, and each web thread its first connection
WARM_RATE = 2.0
PATIENCE = 60.0
Arrived = dict[str, float]  # by case number, when its notice came


class Noted(list[Any]):
    """What arrives, and the moment of each."""

    def __init__(self) -> None:
        super().__init__()
        self.moments: list[float] = []

    def append(self, thing: Any) -> None:
        self.moments.append(time.perf_counter())
        super().append(thing)

    def timed(self) -> list[tuple[float, Any]]:
        return list(zip(self.moments, self, strict=False))  # one may be arriving right now


class Leads(NamedTuple):
    """Where the two are told."""

    mails: Noted
    pushes: Noted
    mail_server: str
    browser: Browser

    def arrivals(self) -> dict[str, Arrived]:
        mails = ((at, str(mail["Subject"])) for at, mail in self.mails.timed())
        pushed = ((at, self.browser.reads(body)["title"]) for at, (_, _, body) in self.pushes.timed())
        return {"email": _by_case(mails), "webpush": _by_case(pushed)}


def measure(database: str, rate: float, seconds: float) -> dict[str, Any]:
    """So many customers a second, each new to us, who ask for a person."""
    with workshop(database) as (folder, made, line), _leads() as leads:
        settings = open_shop(folder / "shop", made.make("shop"), line.url)
        _hire(settings, leads.browser)
        where = {"SMTP_URL": leads.mail_server, "OWN_NETWORKS": "127.0.0.0/8"}
        with started(settings, line, made.server, **where) as shop:
            crowd = shop.crowd(itertools.repeat(WISH), (f"U{number:032d}" for number in itertools.count()))
            crowd.write(WARM_RATE, WARM_UP)
            before = machine.load()
            outcome = crowd.write(rate, seconds)
            told = _told(leads, _cases(settings, outcome))
    return {
        "benchmark": "notices",
        "database": database,
        "rate": rate,
        "messages": len(outcome.messages),
        "load_average": [before, machine.load()],
        "reply_ms": _quantiles(outcome.latencies),
        "told_ms": {medium: {"arrived": len(waits), **_quantiles(waits)} for medium, waits in told.items()},
    }


@contextlib.contextmanager
def _leads() -> Iterator[Leads]:
    mails, taken = Noted(), Noted()
    mailbox, pushes = Mailbox(mails=mails).start(), Endpoint(taken=taken).start()
    try:
        yield Leads(mails, taken, mailbox.url, Browser(f"{pushes.url}/push"))
    finally:
        mailbox.stop()
        pushes.stop()


def _hire(settings: Settings, browser: Browser) -> None:
    engine = db.connect(settings)
    with db.sessions(engine).begin() as session:
        by_mail, by_push = (
            create_user(session, name, name, "supervisor", "for benchmarks only").id for name in ("mail", "push")
        )
        session.add(NoticeChoice(user_id=by_mail, email="lead@shop.example"))
        session.add(PushSubscription(user_id=by_push, endpoint=browser.endpoint, **browser.keys))
    engine.dispose()


def _cases(settings: Settings, outcome: Outcome) -> Arrived:
    """By case number, when its customer's message was due at the webhook."""
    due = {message.customer: message.due for message in outcome.messages}
    engine = db.connect(settings)
    with db.sessions(engine)() as session:
        opened = session.execute(select(Ticket.number, Conversation.source_id).join(Ticket.conversation)).all()
    engine.dispose()
    return {number: due[customer] for number, customer in opened if customer in due}


def _told(leads: Leads, cases: Arrived) -> dict[str, list[float]]:
    """By medium, the milliseconds from webhook to arrival, sorted; of those that came in time."""
    ends = time.perf_counter() + PATIENCE
    while time.perf_counter() < ends and any(cases.keys() - came.keys() for came in leads.arrivals().values()):
        time.sleep(0.2)
    return {
        medium: sorted((came[number] - due) * 1000 for number, due in cases.items() if number in came)
        for medium, came in leads.arrivals().items()
    }


def _by_case(titles: Iterable[tuple[float, str]]) -> Arrived:
    """The first of each case; what is of none (a rush) is not asked for."""
    found: Arrived = {}
    for at, title in titles:
        found.setdefault(quoted(title), at)
    return found


def _quantiles(waits: list[float]) -> dict[str, float]:
    return {f"p{part}": share(waits, part / 100) for part in (50, 95, 99)}
