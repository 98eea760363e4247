"""Campaign traffic is thanked for once and kept for marketing; what needs a person gets one, whatever surrounds it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot import clock
from bot.models import JournalEntry
from bot.services import Services
from handoff.marketing import entering
from handoff.models import CampaignEntry, Ticket
from tests.builders import Customer
from tests.engines import Knows
from tests.fakes import FakeLine
from tests.marketing import THANKS, register

pytestmark = pytest.mark.by_hand  # the stories decide what the understanding knows
Says = Callable[..., list[str]]

KNOWN = {
    "破": "damaged_item",
    "運費": "shipping_fee",
    "真人": "want_human",
    "太差勁": "complaint_service",
    "你好": "greeting",
    "抽獎": "campaign_reply",
}


@pytest.fixture(autouse=True)
def understanding(knows: Knows, monkeypatch: pytest.MonkeyPatch) -> None:
    knows(KNOWN)
    monkeypatch.setattr(entering, "FRESH", 0.0)


def cases(current: Services) -> int:
    with current.sessions() as session:
        return session.scalar(select(func.count()).select_from(Ticket)) or 0


def entries(current: Services) -> list[tuple[int | None, str]]:
    with current.sessions() as session:
        rows = session.scalars(select(CampaignEntry).order_by(CampaignEntry.id))
        return [(row.campaign_id, row.message.text) for row in rows]


def classes(current: Services) -> list[str]:
    with current.sessions() as session:
        kinds = session.scalars(select(JournalEntry).where(JournalEntry.kind == "turn.decided").order_by("id"))
        return [entry.data["traffic"] for entry in kinds]


def test_who_takes_part_is_thanked_once_and_never_ticketed(current: Services, says: Says) -> None:
    xmas = register(current)
    assert says("+1") == [THANKS]
    assert says("＋１！", "+1 王小明 紅色") == []
    assert entries(current) == [(xmas, "+1"), (xmas, "＋１！"), (xmas, "+1 王小明 紅色")]
    assert cases(current) == 0
    assert classes(current) == ["campaign", "campaign"]


def test_a_tapped_button_takes_part_too(
    current: Services, says: Says, chen: Customer, line: FakeLine, work: Callable[[], None]
) -> None:
    xmas = register(current, kind="broadcast")
    chen.does("postback", postback={"data": "campaign=xmas&from=card"})
    work()
    assert line.said == [THANKS]
    assert entries(current) == [(xmas, "")]
    assert classes(current) == ["broadcast"]


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("+1 你們服務太差勁了", "complaint"),
        ("+1 我要找真人", "want_human"),
        ("+1 鍋子把手斷掉燙傷了手", "safety_incident"),
    ],
)
def test_what_needs_a_person_inside_a_campaign_reply_goes_to_one(
    current: Services, says: Says, text: str, category: str
) -> None:
    register(current)
    [said] = says(text)
    assert said != THANKS
    with current.sessions() as session:
        assert session.scalars(select(Ticket)).one().category == category
    assert entries(current) == []
    assert classes(current) == ["inquiry"]


def test_a_question_inside_a_campaign_reply_is_answered(current: Services, says: Says) -> None:
    register(current)
    [fee] = says("+1 運費怎麼算?")
    assert "80" in fee
    [asked] = says("+1 那個可以嗎?")
    assert asked != THANKS
    assert entries(current) == []
    assert cases(current) == 0


def test_a_matter_for_a_person_in_the_next_message_of_the_same_breath_wins(current: Services, says: Says) -> None:
    register(current)
    said = says("+1", "收到的杯子破了")
    assert THANKS not in said
    assert entries(current) == []


def test_a_hurt_beside_a_tapped_button_wins(
    current: Services, chen: Customer, line: FakeLine, work: Callable[[], None]
) -> None:
    register(current)
    chen.does("postback", postback={"data": "campaign=xmas&from=card"})
    chen.writes("鍋子把手斷掉燙傷了手")
    work()
    assert THANKS not in line.said
    with current.sessions() as session:
        assert session.scalars(select(Ticket)).one().level == "L1"


def test_who_asks_about_the_campaign_is_never_met_with_silence(current: Services, says: Says) -> None:
    register(current, keywords=("抽獎",))
    assert says("我要抽獎") == [THANKS]
    for _ in range(2):
        [said] = says("抽獎什麼時候開獎？")
        assert said != THANKS


def test_outside_its_window_the_same_words_are_ordinary(current: Services, says: Says) -> None:
    over = clock.now() - timedelta(minutes=1)
    register(current, keywords=("我要喵喵杯",), ends_at=over)
    register(current, keywords=("我要喵喵杯",), starts_at=clock.now() + timedelta(hours=1))
    assert says("我要喵喵杯") != [THANKS]
    assert entries(current) == []
    assert classes(current) == ["inquiry"]


def test_campaign_words_of_no_registered_campaign_are_kept_apart_as_well(current: Services, says: Says) -> None:
    [said] = says("我要抽獎")
    assert said
    assert entries(current) == [(None, "我要抽獎")]
    assert cases(current) == 0


def test_whose_case_is_open_takes_part_and_the_agent_reads_it(current: Services, says: Says) -> None:
    """A person has the conversation: +1 may be the answer to what she asked."""
    xmas = register(current)
    says("我要找真人")
    assert says("+1") == []
    assert entries(current) == [(xmas, "+1")]
    assert cases(current) == 1


def test_it_does_not_take_a_solved_case_up_again(current: Services, says: Says) -> None:
    register(current)
    says("我要找真人")
    with current.sessions.begin() as session:
        ticket = session.scalars(select(Ticket)).one()
        ticket.state, ticket.resolution, ticket.resolved_at = "resolved", "solved", clock.now()
        ticket.conversation.owner = "bot"
        ticket.conversation.episode += 1
    assert says("+1") == [THANKS]
    with current.sessions() as session:
        assert session.scalars(select(Ticket)).one().state == "resolved"


def test_what_was_taken_back_is_not_kept_for_marketing(
    current: Services, chen: Customer, work: Callable[[], None]
) -> None:
    register(current)
    [sent] = chen.writes("+1")
    work()
    chen.does("unsend", unsend={"messageId": sent["message"]["id"]})
    work()
    assert [text for _, text in entries(current)] == [""]
