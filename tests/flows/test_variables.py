"""What the bot fills into its answers: the customer's name, order and open case; other words for who has none."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import clock
from bot.models import Conversation
from bot.nlu.embedded import Embedded
from bot.services import Services
from bot.turn import remembering
from faq import drafts
from handoff.models import Ticket
from handoff.tickets import Desk
from tests.builders import Customer
from tests.console import knows
from tests.fakes import FakeLine
from tests.fakes_nlu import knowing

pytestmark = pytest.mark.by_hand  # the stories decide what the understanding knows
Work = Callable[[], None]

ARTICLE = {
    "external_id": "FAQ-001",
    "intent": "shipping_fee",
    "category": "shipping_fee_time",
    "question": "運費怎麼算？",
    "answer": "{name}您好，{order|這筆}運費 80 元。進度看{case|案件通知}，{shop}謝謝您。更多在{help}。",
}


@pytest.fixture(autouse=True)
def understanding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Embedded, "parse", knowing({"運費": "shipping_fee", "真人": "want_human"}))


def publishes(current: Services, **row: str) -> None:
    with current.sessions.begin() as session:
        assert drafts.save(session, [(1, ARTICLE | row)], publish=True).problems == []


def has_a_case(current: Services, customer: Customer, work: Work) -> str:
    """The number of what he asks a person about."""
    customer.writes("我要找真人")
    work()
    with current.sessions.begin() as session:
        ticket = session.scalars(select(Ticket).order_by(Ticket.id.desc())).first()
        assert ticket
        return ticket.number


def test_where_nothing_is_known_it_says_so_in_its_own_words(
    chen: Customer, work: Work, line: FakeLine, current: Services
) -> None:
    publishes(current)
    chen.writes("運費怎麼算")
    work()
    assert line.said[-1] == "陳怡君您好，這筆運費 80 元。進度看案件通知，鮮好團購謝謝您。更多在常見問題頁。"


def test_the_order_that_he_told_and_the_case_that_he_has_on_another_channel(
    chen: Customer, huang: Customer, work: Work, line: FakeLine, current: Services
) -> None:
    publishes(current)
    number = has_a_case(current, huang, work)
    with current.sessions.begin() as session:
        ticket = session.scalars(select(Ticket)).one()
        here = knows(session, "Uchen", "陳怡君")
        ticket.contact_id = here.contact_id  # both are one person, as colleagues found out
        remembering.learn(here, {"order_number": "GB1118"}, clock.now())
    chen.writes("運費怎麼算")
    work()
    assert line.said[-1].startswith(f"陳怡君您好，GB1118運費 80 元。進度看{number}，")


def test_neither_a_strangers_case_nor_one_that_is_over(
    chen: Customer, huang: Customer, work: Work, line: FakeLine, current: Services
) -> None:
    publishes(current)
    has_a_case(current, huang, work)
    has_a_case(current, chen, work)
    with current.sessions.begin() as session:
        for ticket in session.scalars(select(Ticket)):
            ticket.state = "closed" if ticket.conversation.source_id == "Uchen" else ticket.state
        here = session.scalars(select(Conversation).where(Conversation.source_id == "Uchen")).one()
        here.owner, here.episode = "bot", here.episode + 1
    chen.writes("運費怎麼算")
    work()
    assert "進度看案件通知" in line.said[-1]


def test_the_case_is_looked_up_for_articles_alone_that_name_it(
    chen: Customer, work: Work, line: FakeLine, current: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def case_number(desk: Desk, session: Session, conversation: int) -> str:
        asked.append(conversation)
        return "CS-1"

    monkeypatch.setattr(Desk, "case_number", case_number)
    publishes(current, answer="運費 80 元。")
    chen.writes("運費怎麼算")
    work()
    assert (line.said[-1], asked) == ("運費 80 元。", [])
    publishes(current, answer="看{case}。")
    chen.writes("運費怎麼算")
    work()
    assert (line.said[-1], len(asked)) == ("看CS-1。", 1)


def test_a_case_stands_in_trees_and_on_cards_as_well(
    chen: Customer, work: Work, line: FakeLine, current: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Desk, "case_number", lambda *_: "CS-1")
    tree = "# 甲\n{case}的嗎？\n- 是 -> 可以：{case}會處理。\n- 不是 -> 不建議"
    publishes(current, answer="看一下。", tree=tree, tree_for="customers")
    chen.writes("運費怎麼算")
    work()
    assert line.said[-1] == "看一下。\n\nCS-1的嗎？"
    chen.writes("是")
    work()
    assert line.said[-1] == "可以\nCS-1會處理。"
    publishes(current, answer="關於{case}", tree="", tree_for="", card_title="{case}")
    chen.writes("運費怎麼算")
    work()
    assert line.said[-1].startswith("CS-1\n關於CS-1")
