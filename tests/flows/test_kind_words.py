"""What is said to who needs more than a case: no help line is left out, and nobody in despair is asked for facts."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from bot.services import Services
from handoff.models import Ticket
from tests.builders import Customer
from tests.engines import Knows
from tests.fakes import FakeLine

pytestmark = [pytest.mark.by_hand, pytest.mark.both_engines]  # the stories decide what the understanding knows
Work = Callable[[], None]


@pytest.fixture(autouse=True)
def understanding(knows: Knows) -> None:
    knows({"繳": "repayment_trouble"})


@pytest.mark.parametrize(
    ("text", "level", "said", "unsaid"),
    [
        ("這個月真的繳不出來，我快活不下去了", "L1", ("1925", "119"), ("等候時可以先傳", "比較穩當")),
        ("I want to kill myself", "L1", ("1925", "119"), ("While you wait",)),
        ("有人打來自稱你們客服，叫我去ATM解除分期", "L2", ("165", "不要匯款"), ()),
        ("接到電話說我的訂單設定錯誤 要我轉帳", "L2", ("165", "不要匯款"), ("等候時可以先傳",)),
        ("我的卡被盜刷在你們這裡", "L2", ("停卡",), ()),
        ("I got hacked", "L2", ("165", "block"), ()),
    ],
)
def test_who_is_in_need_hears_where_help_is_at_once(
    chen: Customer,
    line: FakeLine,
    work: Work,
    current: Services,
    text: str,
    level: str,
    said: tuple[str, ...],
    unsaid: tuple[str, ...],
) -> None:
    chen.writes(text)
    work()
    with current.sessions() as session:
        [case] = session.scalars(select(Ticket))
    assert (case.level, case.number in line.said[-1]) == (level, True)
    assert all(word in line.said[-1] for word in said)
    assert not any(word in line.said[-1] for word in unsaid)


def test_despair_is_heard_beside_an_open_case_too(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    chen.writes("這個月繳不出來")
    work()
    assert "1925" not in line.said[-1]
    chen.writes("我不想活了")
    work()
    assert "1925" in line.said[-1]
    assert "{" not in line.said[-1]
