"""The machine's clock is set while messages wait: nobody waits for an hour that was, and nobody is answered twice."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from sqlalchemy import select

from bot import clock
from bot.broker import TURNS
from bot.models import Event
from bot.services import Services
from tests.builders import Customer
from tests.fakes import FakeLine
from tests.integration.test_run import eventually
from tests.trouble import ticking

pytestmark = pytest.mark.by_hand
Work = Callable[[], None]
HOUR = 3600.0


@pytest.fixture
def ticker(current: Services) -> Iterator[None]:
    """A ticker that was at work before the clock was set, and goes on."""
    with ticking():
        eventually("it is at work", current.broker.ticks)
        yield


@pytest.mark.parametrize("jump", [-HOUR, HOUR], ids=["back", "forward"])
@pytest.mark.usefixtures("ticker")
def test_what_waits_when_the_clock_is_set_is_answered_once(
    chen: Customer, line: FakeLine, work: Work, current: Services, jump: float
) -> None:
    chen.writes("運費怎麼算?")
    current.broker.queue(TURNS).empty()  # only its row is left, to be looked at in two seconds
    with time_machine.travel(clock.after(jump)):
        eventually("somebody has it", lambda: current.broker.backlog() > 0 or bool(line.said))
        work()
        work()
    with current.sessions() as session:
        assert session.scalars(select(Event.state)).all() == ["done"]
    assert len(line.said) == 1
    assert "80" in line.said[0]


@pytest.mark.parametrize("jump", [-HOUR, HOUR], ids=["back", "forward"])
def test_customers_are_answered_in_their_order_across_the_jump(
    chen: Customer, line: FakeLine, work: Work, jump: float
) -> None:
    chen.writes("運費怎麼算?")
    work()
    with time_machine.travel(clock.after(jump)):
        chen.writes("可以用什麼付款方式?")
        work()
        chen.writes("我要找真人")
        work()
    assert len(line.said) == 3
    assert "80" in line.said[0]
    assert line.said[2].startswith("好的")
