"""Once a week content staff hear how many questions wait that nobody could answer, and of none where none wait."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from bot.models import Message, User
from bot.nlu.embedded import Embedded
from bot.services import Services
from faq.models import UnansweredWeek
from faq.unanswered import reminding
from handoff.models import Notice
from handoff.notify import post, reading
from handoff.notify.words import letter
from tests import teaching, working
from tests.builders import Customer
from tests.console import signed_in, words
from tests.fakes_nlu import knowing
from tests.notices import Mailbox

pytestmark = pytest.mark.by_hand  # the stories decide what the understanding knows, and when somebody looks
Work = Callable[[], None]
Travel = Callable[[datetime], object]

MONDAY = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)  # half past nine in Taipei
DOUBTS = (("shipping_fee", 0.3), ("payment_methods", 0.25), ("cancel_order", 0.2))
WAITS = "有問題機器人答不出來，等你處理"


@pytest.fixture(autouse=True)
def understanding(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setattr(Embedded, "parse", knowing({}, DOUBTS))
    with teaching.little_to_learn(tmp_path):
        yield


@pytest.fixture
def travel() -> Iterator[Travel]:
    """Moves everybody's clock; back again after the story."""
    with ExitStack() as journey:
        yield lambda at: journey.enter_context(time_machine.travel(at, tick=True))


@pytest.fixture(autouse=True)
def begun(current: Services, travel: Travel) -> None:
    travel(MONDAY)
    reading.look(current)


@pytest.fixture
def editor(app: Flask, current: Services) -> FlaskClient:
    return signed_in(app, current, "editor", "editor")


def looks(current: Services) -> None:
    """The ticker twice, the builder whenever it is asked to, and who tells staff."""
    for _ in range(2):
        reminding.remind(current)
        working.build_all(current)
        reading.look(current)


def told(current: Services) -> list[tuple[int, int]]:
    """How many messages, in how many groups, an editor was told of; each time."""
    with current.sessions() as session:
        hers = select(Notice).join(Notice.user).where(User.username == "editor", Notice.kind == "unanswered.waiting")
        found = session.scalars(hers.order_by(Notice.id)).all()
    return [(notice.facts["messages"], notice.facts["groups"]) for notice in found]


def asks(current: Services, work: Work, customer: Customer, *texts: str) -> None:
    for text in texts:
        customer.writes(text)
        work()


def test_those_who_write_content_hear_once_a_week_how_many_wait_with_the_way_there(
    chen: Customer, huang: Customer, work: Work, current: Services, editor: FlaskClient, travel: Travel
) -> None:
    asks(current, work, chen, "小琉球那邊也可以寄嗎")
    asks(current, work, huang, "請問小琉球那邊也可以寄嗎", "禮盒附提袋嗎")
    looks(current)
    assert told(current) == [(3, 2)]
    page = editor.get("/console/notices")
    assert f"{WAITS}" in words(page)
    assert '<a href="/content/unanswered">3 則，2 組</a>' in page.get_data(as_text=True)
    with current.sessions() as session:
        notice = session.scalars(select(Notice).where(Notice.kind == "unanswered.waiting").limit(1)).one()
        mail = letter(notice, "k", "https://shop.example", current.settings.zone)
    assert (mail.title, mail.body, mail.url) == (WAITS, "3 則，2 組", "https://shop.example/content/unanswered")
    travel(MONDAY + timedelta(days=6))
    looks(current)
    assert len(told(current)) == 1
    travel(MONDAY + timedelta(days=7))
    looks(current)
    assert len(told(current)) == 2


def test_the_weekly_letter_is_in_each_readers_language(
    app: Flask,
    chen: Customer,
    huang: Customer,
    work: Work,
    current: Services,
    editor: FlaskClient,
    mailbox: Mailbox,
) -> None:
    choices = {"smtp_url": mailbox.url, "mail_from": "desk@shop.example", "own_networks": "127.0.0.0/8"}
    mailing = replace(current, settings=current.settings.model_copy(update=choices))
    for member, name, language in (
        (editor, "editor", "zh-TW"),
        (signed_in(app, current, "smith", "editor"), "smith", "en"),
    ):
        member.post("/console/notices/choices", data={"email": f"{name}@shop.example", "begins": "", "ends": ""})
        member.post("/language", data={"language": language})
    asks(current, work, chen, "小琉球那邊也可以寄嗎")
    asks(current, work, huang, "請問小琉球那邊也可以寄嗎", "禮盒附提袋嗎")
    looks(mailing)
    for claimed in post.claim(mailing, "email", 10):
        post.send(mailing, claimed)
    told = {str(mail["To"]): (str(mail["Subject"]), mail.get_content()) for mail in mailbox.mails}
    assert told["editor@shop.example"][0] == WAITS
    assert told["editor@shop.example"][1].splitlines()[0] == "3 則，2 組"
    assert told["smith@shop.example"][0] == "Questions that the bot could not answer wait for you"
    assert told["smith@shop.example"][1].splitlines()[0] == "3 messages in 2 groups"


def test_it_is_told_in_the_morning_of_monday_and_not_before(
    chen: Customer, work: Work, current: Services, editor: FlaskClient, travel: Travel
) -> None:
    looks(current)  # this week nothing waited
    asks(current, work, chen, "小琉球那邊也可以寄嗎")
    travel(MONDAY + timedelta(days=7, hours=-1))  # half past eight
    looks(current)
    assert told(current) == []
    travel(MONDAY + timedelta(days=7))
    looks(current)
    assert told(current) == [(1, 1)]


def test_where_nothing_waits_nobody_is_told(current: Services, editor: FlaskClient) -> None:
    looks(current)
    assert told(current) == []
    with current.sessions() as session:
        assert len(session.scalars(select(UnansweredWeek)).all()) == 1


def test_two_who_look_at_once_tell_it_once(chen: Customer, work: Work, current: Services, editor: FlaskClient) -> None:
    asks(current, work, chen, "小琉球那邊也可以寄嗎")
    with ThreadPoolExecutor(3) as builders:
        list(builders.map(lambda _: reminding.look_over(), range(3)))
    looks(current)
    assert told(current) == [(1, 1)]


def test_what_was_seen_to_is_told_no_more(chen: Customer, work: Work, current: Services, editor: FlaskClient) -> None:
    asks(current, work, chen, "小琉球那邊也可以寄嗎")
    with current.sessions() as session:
        [asked] = session.scalars(select(Message.id).where(Message.author == "customer"))
    editor.post("/content/unanswered/dismiss", data={"message": asked})
    looks(current)
    assert told(current) == []
