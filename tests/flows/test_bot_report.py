"""The bot's report: what became of every question, by day, intent and release; each number opens its messages."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from bot import journal
from bot.clock import now
from bot.models import JournalEntry, Message, Release
from bot.services import Services
from faq import tally
from faq.models import ArticleVote, BotTurn, Build
from faq.tally import following
from handoff import tickets
from handoff.models import Ticket
from tests.builders import Customer
from tests.console import knows, signed_in, user_id_in, words
from tests.content import WALKED, has_a_tree
from tests.engines import Knows

# The stories decide what the understanding knows, and when the journal is read.
pytestmark = [pytest.mark.by_hand, pytest.mark.both_engines]
Work = Callable[[], None]

PAGE = "/content/report"
DOUBTS = (("shipping_fee", 0.3), ("payment_methods", 0.25), ("cancel_order", 0.2))
KNOWN = {"運費": "shipping_fee", "壞掉": "damaged_item", "謝謝": "thanks_bye"}


@pytest.fixture(autouse=True)
def understanding(knows: Knows) -> None:
    knows(KNOWN, DOUBTS)


@pytest.fixture
def editor(app: Flask, current: Services) -> FlaskClient:
    return signed_in(app, current, "editor", "editor")


def read(current: Services) -> None:
    """The ticker's look, a moment later."""
    with time_machine.travel(now() + timedelta(seconds=11), tick=False):
        tally.follow(current)


def turns(current: Services) -> dict[str, BotTurn]:
    """What became of each message, by its words."""
    with current.sessions() as session:
        found = select(Message.text, BotTurn).join(BotTurn, BotTurn.message_id == Message.id)
        return {text: turn for text, turn in session.execute(found)}


def figure(page: str, name: str) -> str:
    """What stands under a heading of the totals."""
    found = re.search(rf"{name} (\S+)", page.split("寒暄不算")[0] + page.split("寒暄不算")[1])
    return found[1] if found else ""


def test_before_anybody_asks_the_page_says_what_will_come(editor: FlaskClient) -> None:
    page = words(editor.get(PAGE))
    assert "這幾天還沒有顧客問機器人" in page
    assert "十幾秒後就會出現在這裡" in page


def test_every_question_is_counted_by_what_became_of_it_and_opens_from_its_number(
    chen: Customer, huang: Customer, work: Work, current: Services, editor: FlaskClient
) -> None:
    for customer, text in ((chen, "那個可以嗎"), (chen, "運費怎麼算"), (chen, "謝謝"), (huang, "我要找真人")):
        customer.writes(text)
        work()
    read(current)
    known = turns(current)
    assert sorted(known) == ["我要找真人", "運費怎麼算", "那個可以嗎"]  # thanks are no question
    assert [(turn.fate, turn.cleared, turn.handed) for turn in known.values()] == [
        ("asked", True, False),
        ("answered", None, False),
        ("human", None, True),
    ]
    page = words(editor.get(PAGE))
    assert [figure(page, name) for name in ("訊息", "自助解決", "轉專人", "反問後弄懂")] == [
        "3",
        "50.0%",
        "33.3%",
        "100.0%",
    ]
    opened = words(editor.get(f"{PAGE}/messages?what=contained"))
    assert "運費怎麼算" in opened
    assert "那個可以嗎" not in opened
    assert known["運費怎麼算"].article == "FAQ-001"
    assert "那個可以嗎" in words(editor.get(f"{PAGE}/messages?what=fallback&intent=shipping_fee"))
    assert editor.get(f"{PAGE}/messages?what=nonsense").status_code == 404


def test_an_answer_after_which_a_person_was_needed_solved_nothing(
    chen: Customer, work: Work, current: Services
) -> None:
    chen.writes("運費怎麼算")
    work()
    read(current)
    assert not turns(current)["運費怎麼算"].handed
    chen.writes("我要找真人")
    work()
    read(current)
    assert turns(current)["運費怎麼算"].handed


def test_what_nobody_wrote_an_answer_for_is_told_from_what_was_not_understood(
    chen: Customer, work: Work, current: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faq.answers.PublishedAnswers.find", lambda *_: None)
    chen.writes("運費怎麼算")
    work()
    read(current)
    assert turns(current)["運費怎麼算"].fate == "unwritten"


def test_what_a_colleague_files_elsewhere_was_judged_wrongly(
    chen: Customer, huang: Customer, work: Work, current: Services, app: Flask, editor: FlaskClient
) -> None:
    chen.writes("收到的杯子壞掉了，很生氣")
    huang.writes("我要找真人")
    work()
    signed_in(app, current, "wu", "specialist")
    with current.sessions.begin() as session:
        for ticket in session.scalars(select(Ticket)):
            tickets.claim(session, ticket.id, user_id_in(session, "wu"))
            tickets.grade(session, ticket.id, user_id_in(session, "wu"), category="exchange")
    read(current)
    assert {text: turn.wrong for text, turn in turns(current).items()} == {
        "收到的杯子壞掉了，很生氣": "corrected",
        "我要找真人": "",  # who asks for a person says nothing of the matter
    }
    assert "杯子壞掉" in words(editor.get(f"{PAGE}/messages?what=wrong"))


def test_what_a_colleague_marks_in_the_case_is_wrong_and_to_be_mended(
    chen: Customer, work: Work, current: Services, app: Flask, editor: FlaskClient
) -> None:
    chen.writes("運費怎麼算，我要退運費")
    work()
    chen.writes("我要找真人")
    work()
    wu = signed_in(app, current, "wu", "specialist")
    with current.sessions() as session:
        number = session.scalars(select(Ticket.number)).one()
        message = session.scalars(select(Message.id).where(Message.text.contains("退運費"))).one()
    wu.post(f"/console/cases/{number}/doubt", data={"message": message})
    read(current)
    assert turns(current)["運費怎麼算，我要退運費"].wrong == "marked"
    assert "退運費" in words(editor.get(f"{PAGE}/messages?what=wrong"))
    assert "同事說判斷錯" in words(editor.get("/content/unanswered"))


def test_nobody_reads_a_customers_data_and_what_is_taken_back_is_gone(
    chen: Customer, huang: Customer, work: Work, current: Services, editor: FlaskClient
) -> None:
    chen.writes("我是陳怡君，0912-345-678，運費怎麼算")
    huang.writes("運費怎麼算？我在找地址")
    work()
    read(current)
    with current.sessions.begin() as session:
        taken_back = session.scalars(select(Message).where(Message.text.contains("地址"))).one()
        taken_back.unsent_at = now()
    page = words(editor.get(f"{PAGE}/messages?what=all"))
    assert "我是○○，☎，運費怎麼算" in page
    assert "顧客已收回" in page
    assert "地址" not in page


def test_the_journal_is_read_in_its_order_once_and_only_what_is_settled(
    chen: Customer, work: Work, current: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "LIMIT", 1)
    chen.writes("那個可以嗎")
    work()
    chen.writes("運費怎麼算")
    work()
    tally.follow(current)
    assert turns(current) == {}
    for _ in range(20):
        read(current)
    assert {text: turn.fate for text, turn in turns(current).items()} == {
        "那個可以嗎": "asked",
        "運費怎麼算": "answered",
    }
    assert turns(current)["那個可以嗎"].cleared is True


def asked(
    current: Services,
    count: int,
    at: datetime,
    intent: str = "shipping_fee",
    release: str = "1",
    text: str = "問",
    decided_by: int | None = None,
) -> None:
    """So many questions, as a turn writes them into the journal, all at one moment."""
    with time_machine.travel(at, tick=False), current.sessions.begin() as session:
        conversation = knows(session, "Uchen", "陳怡君")
        for n in range(count):
            message = Message(conversation_id=conversation.id, author="customer", text=f"{text}{n}")
            session.add(message)
            about = {"conversation_id": conversation.id, "message_id": message}
            session.flush()
            journal.write(session, "turn.understood", **about, intent=intent, release=release)
            journal.write(
                session, "turn.decided", **about, route="human", cell="matrix:high_complex", release=decided_by
            )


def test_a_day_is_the_shops(current: Services) -> None:
    asked(current, 1, datetime(2026, 11, 20, 15, 59, tzinfo=UTC))
    asked(current, 2, datetime(2026, 11, 20, 16, 0, tzinfo=UTC))
    with time_machine.travel(datetime(2026, 11, 22, tzinfo=UTC), tick=False):
        tally.follow(current)
    with current.sessions() as session:
        sums = tally.whole(session, date(2026, 11, 19), date(2026, 11, 22))
    assert [counts["all"] for counts in sums.days.values()] == [0, 1, 2, 0]


def test_the_pages_of_a_number_go_on_where_the_last_ended(current: Services, editor: FlaskClient) -> None:
    yesterday = now() - timedelta(days=1)
    asked(current, 30, yesterday, text="昨天")
    asked(current, 30, now() - timedelta(minutes=1), text="今天")
    read(current)
    address, seen = f"{PAGE}/messages?what=all", []
    while address:
        page = editor.get(address).get_data(as_text=True)
        seen += re.findall(r'class="words">(\S+?)</p>', page)
        found = re.search(r'href="([^"]+after=[^"]+)"', page)
        address = found[1].replace("&amp;", "&") if found else ""
    assert len(seen) == len(set(seen)) == 60
    assert seen[0] == "今天29"
    assert seen[-1] == "昨天0"
    assert editor.get(f"{PAGE}/messages?what=all&after=tomorrow.x").status_code == 404


@pytest.mark.parametrize("number", ["after=2026-11-20.99999999999999999999", "release=99999999999999999999"])
def test_a_number_that_nothing_has_is_nowhere(current: Services, editor: FlaskClient, number: str) -> None:
    asked(current, 1, now() - timedelta(minutes=1))
    read(current)
    assert editor.get(f"{PAGE}/messages?what=all&{number}").status_code == 404


def test_releases_have_one_name_whoever_judged(current: Services, editor: FlaskClient) -> None:
    with current.sessions.begin() as session:
        release = Release(digest="d" * 64, learned="d" * 64)
        session.add(release)
        session.flush()
        session.add(Build(release_id=release.id, note="離島的問法", state="passed"))
        number = release.id
    asked(current, 2, now() - timedelta(minutes=2), release=str(number))
    asked(current, 3, now() - timedelta(minutes=1), release="d" * 64)
    read(current)
    page = words(editor.get(PAGE))
    assert f"r{number} 離島的問法 5" in page
    assert len(re.findall("問", words(editor.get(f"{PAGE}/messages?what=all&release={number}")))) >= 5


def test_a_release_that_shares_what_another_learned_is_told_from_it_whoever_judged(current: Services) -> None:
    with current.sessions.begin() as session:
        releases = [Release(digest=name * 64, learned="d" * 64) for name in ("d", "e")]
        session.add_all(releases)
        session.flush()
        first, strict = (release.id for release in releases)
    asked(current, 1, now() - timedelta(minutes=3), release="d" * 64, text="舊的紀錄")
    asked(current, 1, now() - timedelta(minutes=2), release="d" * 64, text="問專人", decided_by=strict)
    asked(current, 1, now() - timedelta(minutes=1), release="", text="沒有引擎", decided_by=strict)
    read(current)
    known = {text: turn.release_id for text, turn in turns(current).items()}
    assert known == {"舊的紀錄0": first, "問專人0": strict, "沒有引擎0": 0}


@contextmanager
def statements(current: Services) -> Iterator[list[str]]:
    heard: list[str] = []

    def hear(connection: object, cursor: object, statement: str, *_: object) -> None:
        heard.append(statement)

    event.listen(current.engine, "before_cursor_execute", hear)
    yield heard
    event.remove(current.engine, "before_cursor_execute", hear)


def test_a_view_costs_the_same_statements_however_much_was_asked(current: Services, editor: FlaskClient) -> None:
    costs = []
    for count in (1, 40):
        asked(current, count, now() - timedelta(days=count), intent=("exchange_how", "shipping_fee")[count > 1])
        read(current)
        with statements(current) as heard:
            editor.get(PAGE)
            editor.get(f"{PAGE}/messages?what=all")
        costs.append(len(heard))
    assert costs[0] == costs[1] <= 16


@pytest.mark.parametrize(
    "asked_for",
    [
        "from=2026-11-20&to=2026-11-01",
        "from=x&to=y",
        "from=2020-01-01&to=2026-11-20",
        "to=2026-11-20",
        "from=9999-12-31&to=9999-12-31",
        "from=0001-01-01&to=0001-01-01",
    ],
)
def test_a_period_that_cannot_be_is_told(editor: FlaskClient, asked_for: str) -> None:
    assert "期間要從早到晚" in words(editor.get(f"{PAGE}?{asked_for}"))


def test_readers_of_help_whom_it_did_not_help_are_named_beside(current: Services, editor: FlaskClient) -> None:
    with current.sessions.begin() as session:
        session.add_all(ArticleVote(article_id=1, version=1, helped=False, visitor=str(n)) for n in range(3))
    assert "說明中心有 3 次「沒幫助」" in words(editor.get(PAGE))


def test_an_article_tells_how_it_fared_and_opens_its_own_messages(
    chen: Customer, huang: Customer, work: Work, current: Services, editor: FlaskClient
) -> None:
    article = "/content/articles/1"
    assert "機器人還沒有用這篇回答過" in words(editor.get(article))
    for customer, text in ((chen, "運費怎麼算"), (huang, "運費多少"), (huang, "我要找真人")):
        customer.writes(text)
        work()
    read(current)
    with current.sessions.begin() as session:
        session.add_all(ArticleVote(article_id=of, version=1, helped=False, visitor=f"{of}") for of in (1, 2))
    page = editor.get(article)
    assert "用它回答 2 自助解決 50.0% 1 則 轉專人 50.0% 1 則 判斷錯 0.0% 0 則 顧客說沒幫助 —" in words(page)
    assert "0／0 則回饋 說明中心說沒幫助 1" in words(page)
    handed = re.search(r'href="([^"]+what=handed[^"]*)"', page.get_data(as_text=True))
    assert handed
    opened = editor.get(handed[1].replace("&amp;", "&")).get_data(as_text=True)
    assert re.findall(r'class="words">(\S+?)</p>', opened) == ["運費多少"]


def test_what_was_never_live_has_not_fared(editor: FlaskClient) -> None:
    begun = editor.post("/content/articles").headers["Location"]
    assert "機器人還沒有用這篇回答過" not in words(editor.get(begun))


def test_taps_in_a_tree_are_no_questions_of_their_own_and_nobody_was_asked_back(
    chen: Customer, work: Work, current: Services, editor: FlaskClient, knows: Knows
) -> None:
    knows({"家電": "shipping_fee"}, DOUBTS)
    has_a_tree(current)
    for text in (WALKED["question"], "沒拆封", "手提得動"):
        chen.writes(text)
        work()
    read(current)
    assert [(text, turn.fate, turn.article) for text, turn in turns(current).items()] == [
        (WALKED["question"], "answered", "W1")
    ]
    with current.sessions() as session:
        walked = select(JournalEntry.data).where(JournalEntry.kind == "turn.walked")
        assert session.scalars(walked).all() == [{"source": "W1"}] * 2
    assert "沒有等著處理的訊息" in words(editor.get("/content/unanswered"))
