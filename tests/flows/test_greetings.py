"""Content staff write what the bot says to who follows the account, and to who is back; buttons stand below it."""

import pytest
from sqlalchemy import select

from bot.models import Contact, Message
from faq.models import ReplyTemplate
from tests import console
from tests.console import words

pytestmark = pytest.mark.by_hand
HELLO = "{name}您好，這裡是{shop}！可以問運費、付款和退換貨。"


@pytest.fixture
def editor(app, current):
    """Who lets content go live: a greeting is said as soon as it is kept."""
    return console.signed_in(app, current, "reviewer", "reviewer")


def keeps(editor, text=HELLO, serves="follow", buttons="運費怎麼算\n怎麼退貨\n", title="歡迎", category=""):
    given = {"title": title, "text": text, "category": category, "serves": serves, "buttons": buttons}
    return editor.post("/content/templates", data=given)


def labels(line):
    [last] = line.sends()[-1].body["messages"]
    return [item["action"]["label"] for item in last["quickReply"]["items"]]


def follows(chen, work, **fields):
    chen.does("follow", follow={"isUnblocked": False}, **fields)
    work()


def test_who_follows_is_greeted_in_the_words_of_the_editor_with_buttons(editor, chen, line, work, current):
    assert keeps(editor).status_code == 302
    follows(chen, work)
    assert "您好，這裡是鮮好團購！" in line.said[-1]
    assert labels(line) == ["運費怎麼算", "怎麼退貨", "找真人"]
    assert "replyToken" in line.sends()[-1].body, "a greeting is free"
    chen.writes(labels(line)[0])
    work()
    assert "80" in line.said[-1]
    with current.sessions() as session:
        assert "運費怎麼算" in session.scalars(select(Message.text)).all()


def test_who_is_back_hears_the_words_for_that(editor, chen, line, work):
    keeps(editor)
    follows(chen, work)
    chen.does("unfollow", replyToken=None)
    work()
    follows(chen, work)
    assert "可以問運費" in line.said[-1]
    keeps(editor, text="歡迎回來！", serves="return", title="回來", buttons="")
    chen.does("unfollow", replyToken=None)
    work()
    follows(chen, work)
    assert line.said[-1] == "歡迎回來！"
    assert labels(line) == ["找真人"]


def test_without_one_the_bot_greets_in_its_own_words_and_in_english_too(editor, chen, line, work, current):
    follows(chen, work)
    assert "機器人小幫手" in line.said[-1]
    keeps(editor)
    with current.sessions.begin() as session:
        session.scalars(select(Contact)).one().language = "en"
    follows(chen, work)
    assert "Welcome" in line.said[-1]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"text": "{number}您好"}, "歡迎詞裡只能用"),
        ({"buttons": "字" * 21}, "太長，最多 20 個字"),
        ({"buttons": "\n".join(f"問題{n}" for n in range(12))}, "按鈕最多 11 個"),
        ({"serves": "follow"}, "這時候說的已經有「歡迎」"),
    ],
)
def test_what_could_not_be_said_is_refused(editor, given, why):
    keeps(editor)
    refused = keeps(editor, **{"title": "又一則", "serves": "return", **given})
    assert refused.status_code == 409
    assert why in words(refused)


def test_agents_are_not_offered_the_greeting(editor, current):
    keeps(editor)
    with current.sessions() as session:
        assert current.wiring.templates.find(session, "可以問運費、付款和退換貨", "", 10) == []


def test_who_lets_nothing_go_live_changes_no_greeting(editor, app, current, chen, line, work):
    author = console.signed_in(app, current, "author", "editor")
    assert keeps(author).status_code == 409
    keeps(editor)
    with current.sessions() as session:
        kept = session.scalars(select(ReplyTemplate.id).where(ReplyTemplate.serves == "follow")).one()
    typed = {"id": kept, "title": "歡迎", "text": "改過的。", "category": "", "buttons": ""}
    for refused in (
        author.post("/content/templates", data=typed | {"serves": "follow"}),
        author.post("/content/templates", data=typed | {"serves": ""}),
        author.post(f"/content/templates/{kept}/delete"),
        author.post(f"/content/templates/{kept}/file/remove"),
    ):
        assert (refused.status_code, "要由審核或主管來改" in words(refused)) == (409, True)
    follows(chen, work)
    assert "可以問運費" in line.said[-1]
    assert "改「歡迎」" not in author.get("/content/templates").get_data(as_text=True)
    assert keeps(author, serves="", title="問好", category="greeting").status_code == 302
