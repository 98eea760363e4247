"""Two real Rasa servers beside the whole program: they follow what content staff put live and take back, and customers
write all the time. The shop's repository teaches three intents, so that a release takes seconds.
"""

import itertools
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

import webhook_app
from bot.auth import create_user
from bot.clock import now
from bot.models import Event, JournalEntry, Release
from bot.nlu.rasa_server import RasaAway
from bot.services import Services
from bot.settings import Settings
from faq import drafts
from faq.models import Build
from tests import teaching
from tests.builders import SECRET, Customer
from tests.console import PASSWORD
from tests.fakes import FakeLine
from tests.house.visitor import Visitor
from tests.integration.test_run import eventually
from tests.running import Running, running
from tests.running_rasa import TOKEN, RunningRasa, running_rasa
from tests.teaching import RELEASES, live, newest

QUESTION = teaching.ISLANDS[0]
ANSWER = "離島都可以寄，每件加 150 元。"
A_CUSTOMER = 0.4  # seconds from one to the next
SOON = timedelta(seconds=5)  # by then every turn goes by what was put live
TURN = timedelta(seconds=20)  # at most, on a machine that does much beside
BUILD, LEARNING, LOADING = 240.0, 180.0, 30.0
LEARNED = b"rollout.rasa_learned"
LONG_AGO, NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
ENDS = ("passed", "refused", "failed")
BOTH = 4  # customers of whom each server has had some


@dataclass(frozen=True)
class Turn:
    """How a message was taken."""

    at: datetime
    took: timedelta
    engine: str
    release: str


@dataclass(frozen=True)
class Shop:
    """The running program, its rows, LINE, and the two servers."""

    started: Running
    current: Services
    line: FakeLine
    servers: tuple[RunningRasa, RunningRasa]

    def turns(self) -> list[Turn]:
        """All until now, each of a customer of its own."""
        taken = select(JournalEntry, Event.received_at).join(
            Event, Event.conversation_id == JournalEntry.conversation_id
        )
        with self.current.sessions() as session:
            rows = session.execute(taken.where(JournalEntry.kind == "turn.understood").order_by(JournalEntry.id)).all()
        return [Turn(row.at, row.at - came, row.data["engine"], row.data["release"]) for row, came in rows]

    def lessons(self) -> int:
        """How often a server has learned something."""
        return self.started.log.read_bytes().count(LEARNED)

    def learned(self, release_id: int) -> str:
        """What Rasa calls a release."""
        with self.current.sessions() as session:
            return session.get_one(Release, release_id).learned

    def signed_in(self, name: str, role: str) -> Visitor:
        with self.current.sessions.begin() as session:
            create_user(session, name, name, role, PASSWORD)
        member = Visitor([self.started.url])
        assert member.post("/sign-in", data={"username": name, "password": PASSWORD}).status_code == 302
        return member


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[RunningRasa, RunningRasa]]:
    """Started, and without a model."""
    program = teaching.repository(tmp_path / "program")
    with running_rasa(tmp_path / "one", program) as one, running_rasa(tmp_path / "two", program) as two:
        for server in (one, two):
            server.wait_until_it_answers()  # to start them takes both cores
        yield one, two


@pytest.fixture
def shop(tmp_path: Path, servers: tuple[RunningRasa, RunningRasa]) -> Iterator[Shop]:
    """Everything at work, and an answer that waits for somebody to understand the question."""
    line, program = FakeLine().start(), tmp_path / "program"
    platform = {"LINE_API_BASE": line.url, "LINE_DATA_API_BASE": line.url}
    keys = {"LINE_CHANNEL_SECRET": SECRET, "LINE_CHANNEL_ACCESS_TOKEN": "a token", "SECRET_KEY": "for tests only"}
    rasa = {"RASA_URL": ",".join(server.url for server in servers), "RASA_TOKEN": TOKEN}
    given = {"PYTHONPATH": str(program), **platform, **keys, **rasa}
    with running(tmp_path / "data", program, **given) as started:
        current = webhook_app.install(Settings(frontline_data=tmp_path / "data", database_url=""))
        with current.sessions.begin() as session:
            cells = {"external_id": "Q1", "question": QUESTION, "answer": ANSWER, "intent": "shipping_fee"}
            drafts.save(session, [(1, cells)], publish=True, by=None)
        yield Shop(started, current, line, servers)
        current.engine.dispose()
    line.stop()


@contextmanager
def customers(shop: Shop) -> Iterator[list[str]]:
    """Somebody new writes every moment; all who did."""
    enough, written = threading.Event(), list[str]()

    def write() -> None:
        for number in itertools.count(1):
            if enough.wait(A_CUSTOMER):
                return
            written.append(f"U{number:032x}")
            Customer(Visitor([shop.started.url]), written[-1]).writes(QUESTION)

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        yield written
        enough.set()
        writing.result()


def built(shop: Shop, editor: Visitor) -> Build:
    """What the builder makes of what an editor taught."""
    texts = "\n".join(teaching.ISLANDS)
    assert editor.post("/content/intents/shipping_fee/sentences", data={"texts": texts}).status_code == 302
    assert editor.post(RELEASES, data={"note": "離島"}).status_code == 302
    eventually("the release is built", lambda: newest(shop.current).state in ENDS, BUILD)
    return newest(shop.current)


def put_live(shop: Shop, reviewer: Visitor, wanted: int) -> datetime:
    """By a click on the page; when that was."""
    reviewer.post(f"{RELEASES}/{wanted}/activate", data={"seen": live(shop.current)})
    assert live(shop.current) == wanted
    return now()


def followed(shop: Shop, wanted: int, within: float) -> tuple[float, float]:
    """Seconds until both servers served this release, and until customers were understood so."""
    start, began, name = now(), time.monotonic(), shop.learned(wanted)

    def all_do() -> bool:
        newly = shop.turns()[-BOTH:]
        return len(newly) == BOTH and {(turn.engine, turn.release) for turn in newly} == {("rasa", name)}

    eventually("both serve it", lambda: all(_serves(server, name) for server in shop.servers), within)
    served = time.monotonic() - began
    eventually("customers are understood by it", all_do, within)
    took = time.monotonic() - began
    eventually("some come later", lambda: shop.turns()[-1].at > start + SOON, within)
    return round(served, 1), round(took, 1)


def _serves(server: RunningRasa, name: str) -> bool:
    try:
        return server.server.release() == name
    except RasaAway:
        return False


def by_whom(turns: list[Turn], since: datetime = LONG_AGO, until: datetime = NEVER) -> set[tuple[str, str]]:
    """Engines and releases that understood meanwhile."""
    return {(turn.engine, turn.release) for turn in turns if since < turn.at < until}


def both_engines(shop: Shop, release_id: int) -> set[tuple[str, str]]:
    """The embedded one until the servers have taken up the release, then these."""
    return {("embedded", str(release_id)), ("rasa", shop.learned(release_id))}


def test_the_servers_follow_what_is_put_live_and_taken_back_and_no_turn_fails(shop: Shop) -> None:
    first = live(shop.current)
    with customers(shop) as written:
        took = {"the shipped release": followed(shop, first, LEARNING)}
        assert shop.lessons() == len(shop.servers)
        editor, reviewer = shop.signed_in("editor", "editor"), shop.signed_in("reviewer", "reviewer")
        build = built(shop, editor)
        assert (build.state, live(shop.current)) == ("passed", first)
        assert shop.lessons() == 2 * len(shop.servers)
        second = build.release_id or 0
        forth = put_live(shop, reviewer, second)
        took["a new one"] = followed(shop, second, LOADING)
        back = put_live(shop, reviewer, first)
        took["the one before, again"] = followed(shop, first, LOADING)
        assert shop.lessons() == 2 * len(shop.servers)  # each release once, when it was built
    eventually("everybody was answered", lambda: len(shop.line.said) >= len(written), TURN.total_seconds())

    turns = shop.turns()
    print(f"{len(turns)} turns, the slowest {max(turn.took for turn in turns)}; seconds until Rasa served: {took}")
    assert len(turns) == len(written) == len(shop.line.said)
    assert max(turn.took for turn in turns) < TURN
    assert by_whom(turns, until=forth) == both_engines(shop, first)
    assert set() < by_whom(turns, forth + SOON, back) <= both_engines(shop, second)
    assert set() < by_whom(turns, back + SOON) <= both_engines(shop, first)
    answered = sum(said.endswith(ANSWER) for said in shop.line.said)
    assert answered >= len([turn for turn in turns if forth + SOON < turn.at < back])
