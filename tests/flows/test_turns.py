"""Turns: fragments wait, poison is set aside, what is taken back is forgotten, each kind of message is kept."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from bot import clock, conversations, searching, turn
from bot.channels.line import Line
from bot.models import Conversation, Event, Identity, Message
from bot.ports import Recipient
from bot.services import Services
from handoff.models import Ticket
from tests.builders import Customer, event
from tests.content import WALKED, has_a_tree
from tests.engines import Knows
from tests.fakes import FakeLine

pytestmark = pytest.mark.both_engines

Work = Callable[[], None]


def test_a_bare_greeting_waits_for_its_question(chen: Customer, line: FakeLine, work: Work) -> None:
    with time_machine.travel(clock.now(), tick=False):
        chen.writes("你好")
        work()
        assert line.said == []
        chen.writes("運費怎麼算?")
        work()
    assert len(line.sends()) == 1
    assert "80" in line.said[0]


def test_a_greeting_that_stays_alone_is_greeted_back(chen: Customer, line: FakeLine, work: Work) -> None:
    with time_machine.travel(clock.now(), tick=False) as time:
        chen.writes("你好")
        work()
        time.shift(timedelta(seconds=1.3))
        work()
    assert len(line.said) == 1


def test_a_complete_question_does_not_wait(chen: Customer, line: FakeLine, work: Work) -> None:
    with time_machine.travel(clock.now(), tick=False):
        chen.writes("運費怎麼算?")
        work()
    assert len(line.said) == 1


def test_a_poison_event_is_set_aside_handed_to_a_person_and_the_conversation_goes_on(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    with time_machine.travel(clock.now(), tick=False) as time:
        [poison] = chen.writes("運費怎麼算?")
        spoil(current, poison["webhookEventId"])
        for _ in range(current.settings.turn_attempts + 1):
            work()
            time.shift(timedelta(minutes=1))
        with current.sessions() as session:
            assert session.scalars(select(Event.state)).one() == "set_aside"
            assert session.scalars(select(Ticket)).one().number in line.said[0]
        chen.writes("還在嗎?")
        work()
    with current.sessions() as session:
        assert session.scalars(select(Event.state).order_by(Event.id)).all() == ["set_aside", "done"]


def spoil(current: Services, event_id: str) -> None:
    """Make a stored event unreadable, as a bug of ours would."""
    with current.sessions.begin() as session:
        session.scalars(select(Event).where(Event.external_id == event_id)).one().raw = "{"


def test_an_event_over_a_megabyte_is_set_aside_while_its_neighbour_is_answered(
    chen: Customer, huang: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    chen.writes("長" * 400_000)
    huang.writes("運費怎麼算?")
    work()
    with current.sessions() as session:
        assert session.scalars(select(Event.state).order_by(Event.id)).all() == ["set_aside", "done"]
        assert (
            len(json.loads(session.scalars(select(Event.raw).order_by(Event.id)).all()[0])["message"]["text"])
            == 400_000
        )


@pytest.mark.parametrize(
    "message",
    [
        {"type": "sticker", "packageId": "1", "stickerId": "2", "stickerResourceType": "HOLOGRAM"},
        {"type": "image", "contentProvider": {"type": "line"}},
        {"type": "video", "contentProvider": {"type": "line"}},
        {"type": "audio", "duration": 3},
        {"type": "file", "fileName": "../../etc/passwd", "fileSize": 9},
        {"type": "location", "title": "家", "latitude": 25.0, "longitude": 121.5},
        {"type": "smell"},
    ],
    ids=lambda message: message["type"],
)
def test_every_kind_of_message_is_kept_and_acknowledged(
    chen: Customer, line: FakeLine, work: Work, current: Services, message: dict[str, object]
) -> None:
    chen.does("message", message={"id": "m1", **message})
    work()
    with current.sessions() as session:
        assert session.scalars(select(Message).where(Message.author == "customer")).one().external_id == "m1"
    assert len(line.said) == 1


def test_an_unsent_message_is_forgotten(chen: Customer, work: Work, current: Services) -> None:
    [sent] = chen.writes("我的電話是 0912345678")
    work()
    chen.does("unsend", unsend={"messageId": sent["message"]["id"]})
    work()
    with current.sessions() as session:
        message = session.scalars(select(Message).where(Message.author == "customer")).one()
        assert message.unsent_at is not None
        assert message.text == ""
        assert "0912345678" not in "".join(session.scalars(select(Event.raw)))
        assert session.scalar(select(Message.id).where(searching.matches(session, Message, "0912345678"))) is None


@pytest.mark.by_hand
def test_a_message_unsent_before_it_was_read_is_neither_shown_nor_answered(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    [sent] = chen.writes("運費怎麼算?")
    chen.does("unsend", unsend={"messageId": sent["message"]["id"]})
    work()
    assert line.said == []
    with current.sessions() as session:
        assert session.scalars(select(Message.text)).one() == ""


def test_a_customer_who_blocks_us_hears_nothing_more(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    chen.does("unfollow")
    work()
    with current.sessions() as session:
        assert session.scalars(select(Identity)).one().blocked_at is not None
    chen.does("follow", follow={"isUnblocked": True})
    work()
    assert len(line.said) == 1


def test_in_standby_nothing_is_said_at_all(chen: Customer, line: FakeLine, work: Work, current: Services) -> None:
    chen.writes("運費怎麼算?", mode="standby", replyToken=None)
    work()
    assert line.sends() == []
    with current.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 1


def test_a_group_is_listened_to_but_not_answered(chen: Customer, line: FakeLine, work: Work) -> None:
    chen.post(
        event(
            "Uchen",
            source={"type": "group", "groupId": "Cgroup", "userId": "Uchen"},
            message={"id": "9", "type": "text", "text": "運費怎麼算?"},
        )
    )
    work()
    assert line.sends() == []


def test_nonsense_is_never_answered_with_confidence(chen: Customer, line: FakeLine, work: Work) -> None:
    chen.writes("qwe zxc 嘰哩咕嚕 呱呱呱 piyo")
    work()
    assert len(line.said) == 1
    assert "不" in line.said[0]
    assert "找真人" in json.dumps(line.sends()[0].body, ensure_ascii=False)


def test_who_is_not_understood_twice_gets_a_person(chen: Customer, work: Work, current: Services) -> None:
    for words in ("那個可以嗎", "就是那個啦 可以嗎"):
        chen.writes(words)
        work()
    with current.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Ticket)) == 1


def test_a_worker_that_lost_its_lease_writes_nothing(
    chen: Customer, line: FakeLine, current: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    chen.writes("運費怎麼算?")
    judge = turn.judge

    def slow_judge(services: Services, taken: Conversation, *rest: object) -> object:
        with current.sessions.begin() as session:  # another worker takes over while this one thinks
            session.get_one(Conversation, taken.id).lease_until = clock.after(-1)
            assert conversations.lease(session, [taken.id], 10)
        return judge(services, taken, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(turn, "judge", slow_judge)
    with current.sessions() as session:
        conversation = session.scalars(select(Conversation.id)).one()
    turn.take(conversation)
    assert line.sends() == []
    with current.sessions() as session:
        assert session.scalars(select(Event.state)).one() == "waiting"


def test_a_customer_sees_that_we_are_at_it_when_a_turn_takes_long(
    chen: Customer, line: FakeLine, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge, seen = turn.judge, threading.Event()
    show = Line.show_loading

    def shown(self: Line, recipient: Recipient, seconds: int) -> None:
        show(self, recipient, seconds)
        seen.set()

    def slow_judge(*arguments: object) -> object:
        assert seen.wait(10)
        return judge(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("bot.turn.attending.PATIENCE", 0.01)
    monkeypatch.setattr(Line, "show_loading", shown)
    monkeypatch.setattr(turn, "judge", slow_judge)
    chen.writes("運費怎麼算?")
    work()
    [loading] = [call for call in line.calls if call.path.endswith("/loading/start")]
    assert loading.body["chatId"] == "Uchen"
    assert len(line.said) == 1


@pytest.mark.by_hand  # the story decides what the understanding knows
@pytest.mark.parametrize(
    ("before", "asked", "tapped"), [((), "那台現在怎樣？", "冒煙了"), (("沒拆封",), "有多大？", "找真人")]
)
def test_an_option_of_a_tree_that_tells_of_danger_or_asks_for_a_person_gets_one(
    before: tuple[str, ...],
    asked: str,
    tapped: str,
    chen: Customer,
    line: FakeLine,
    work: Work,
    current: Services,
    knows: Knows,
) -> None:
    knows({"家電": "shipping_fee"})
    has_a_tree(current)
    for text in (WALKED["question"], *before):
        chen.writes(text)
        work()
    assert line.said[-1].endswith(asked)
    with current.sessions() as session:
        assert session.scalars(select(Ticket)).all() == []
    chen.writes(tapped)
    work()
    with current.sessions() as session:
        ticket = session.scalars(select(Ticket)).one()
        assert session.scalars(select(Conversation)).one().owner == "human"
    assert ticket.category == ("safety_incident" if tapped == "冒煙了" else "want_human")
    assert ticket.level == ("L1" if tapped == "冒煙了" else "L3")
    assert ticket.number in line.said[-1]
    assert not [said for said in line.said if "拔掉" in said or "視情況" in said]
