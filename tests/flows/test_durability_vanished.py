"""PostgreSQL hangs, or vanishes without a word: connections stay open, and no answer comes on them."""

import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

import webhook_app
from bot.deadlines import GRACE
from bot.models import Event
from bot.services import Services
from bot.settings import Settings
from bot.transactions import transact
from tests.builders import Customer, text_event
from tests.fakes import FakeLine
from tests.wire import Wire

pytestmark = pytest.mark.by_hand
Work = Callable[[], None]
LINE_WAITS = 2.0
A_MOMENT = 0.3  # for all that is not waiting, on a busy machine


@pytest.fixture
def wire(settings: Settings) -> Iterator[Wire]:
    if not settings.database_url:
        pytest.skip("there is no way to SQLite that could go dead")
    with Wire(settings.database_url).open() as wire:
        yield wire


@pytest.fixture
def current(current: Services, wire: Wire) -> Iterator[Services]:
    """The same shop, which reaches its database over the wire, and has a connection open."""
    far = webhook_app.install(current.settings.model_copy(update={"database_url": wire.url}))
    with far.sessions() as session:
        session.scalars(select(Event)).all()
    yield far
    far.engine.dispose()


def seconds(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def test_line_hears_that_nothing_is_stored_before_it_hangs_up(
    chen: Customer, current: Services, line: FakeLine, work: Work, wire: Wire
) -> None:
    sent = text_event("Uchen", "運費怎麼算?")
    statuses: list[int] = []
    with wire.dead():
        on_an_open_connection = seconds(lambda: statuses.append(chen.post(sent)))
        on_a_new_one = seconds(lambda: statuses.append(chen.post(sent)))
    assert statuses == [503, 503]
    assert max(on_an_open_connection, on_a_new_one) < LINE_WAITS
    assert chen.post(sent) == 200
    work()
    assert len(line.said) == 1


def test_a_call_that_cannot_be_used_is_refused_in_time_too(chen: Customer, wire: Wire) -> None:
    with wire.dead():
        took = seconds(lambda: chen.client.post("/webhooks/line", data=b"x" * 11_000_000))
    assert took < LINE_WAITS


def test_who_works_gives_up_at_the_end_of_his_patience_and_comes_again(current: Services, wire: Wire) -> None:
    def give_up() -> None:
        with pytest.raises(OperationalError):
            transact(current.sessions, lambda session: session.execute(text("SELECT 1")), 0.5)

    with wire.dead():
        assert seconds(give_up) < 0.5 + GRACE + A_MOMENT
    assert transact(current.sessions, lambda session: session.scalar(text("SELECT 1"))) == 1


def test_it_goes_dead_in_the_middle_of_a_transaction(current: Services, wire: Wire) -> None:
    """Its next statement ends it, and the connection is not used again."""

    def work() -> None:
        with pytest.raises(OperationalError):
            transact(current.sessions, lambda session: (session.connection(), _in_the_dark(session)), 0.5)

    def _in_the_dark(session: object) -> None:
        with wire.dead():
            session.execute(text("SELECT 1"))  # type: ignore[attr-defined]

    assert seconds(work) < 0.5 + GRACE + A_MOMENT
    assert current.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_ready_and_figures_say_so_in_time(chen: Customer, wire: Wire) -> None:
    with wire.dead():
        began = time.monotonic()
        assert "not reachable" in chen.client.get("/readyz").get_json()["checks"]["database"]
        assert chen.client.get("/metrics").status_code == 200
        assert time.monotonic() - began < 5


def test_a_server_that_waits_with_us_ends_it_itself(current: Services) -> None:
    """While it is there, its own limits come first, and the connection goes on to be used."""
    with pytest.raises(OperationalError, match="statement timeout"):
        transact(current.sessions, lambda session: session.execute(text("SELECT pg_sleep(5)")), 0.3)
    assert current.engine.pool.checkedin() == 1  # type: ignore[attr-defined]
