"""The bell of the console: what needs me, seen once I have looked; and how each member chooses to be told."""

import re

import pytest
from sqlalchemy import select

import webhook_app
from bot.models import JournalEntry
from handoff import tickets
from handoff.models import NoticeChoice, PushSubscription, Ticket
from handoff.notify import bell, reading
from tests import console, desk
from tests.console import words
from tests.notices import Browser


@pytest.fixture
def current(tmp_path, postgres):
    with desk.shop(tmp_path, postgres) as shop:
        reading.look(shop)
        yield shop


@pytest.fixture
def app(current):
    app = webhook_app.create_app(current)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture
def liu(app, current):
    return console.signed_in(app, current, "liu", "agent")


@pytest.fixture
def case(liu, current):
    """A case that liu has, and of which she was told that the customer wrote again."""
    me = console.user_id(current, "liu")
    with current.sessions.begin() as session:
        conversation = desk.customer(session)
        desk.writes(session, conversation, "我要找真人")
        ref = current.wiring.desk.open(session, desk.wish_for_a_person(conversation))
        tickets.claim(session, ref.ticket_id, me)
    reading.look(current)
    with current.sessions.begin() as session:
        message = desk.writes(session, session.get_one(Ticket, ref.ticket_id).conversation, "還在嗎？")
        current.wiring.desk.customer_wrote(session, message.conversation_id, message.id)
    reading.look(current)
    return ref.number


def test_the_bell_counts_what_i_have_not_seen_and_names_the_case(liu, case):
    page = liu.get("/console/notices")
    assert case in words(page)
    assert "顧客又寫來了" in words(page)
    assert 'class="n hot">1<' in liu.get("/console/list").get_data(as_text=True)


def test_every_page_knows_how_much_is_new_for_title_and_sound_and_both_have_a_switch(liu, case):
    for page in ("/console/list", "/console/notices"):
        assert 'data-notices="1"' in liu.get(page).get_data(as_text=True)
    liu.post("/console/notices/seen")
    page = liu.get("/console/notices").get_data(as_text=True)
    assert 'data-notices="0"' in page
    assert re.findall(r'role="switch" data-alert="(\w+)"', page) == ["sound", "badge"]


def test_a_case_that_is_on_the_screen_has_been_seen(liu, case, current):
    assert 'data-news="1"' in liu.get(f"/console/cases/{case}", headers=console.PANE).get_data(as_text=True)
    assert liu.post("/console/notices/seen", data={"case": case}).status_code == 204
    assert 'data-news=""' in liu.get(f"/console/cases/{case}", headers=console.PANE).get_data(as_text=True)
    with current.sessions() as session:
        assert bell.count(session, console.user_id(current, "liu")) == 0


def test_everything_can_be_marked_as_seen_without_javascript(liu, case):
    liu.post("/console/notices/seen")
    assert "全部標為看過" not in words(liu.get("/console/notices"))


def test_nobody_sees_for_somebody_else(app, liu, case, current):
    console.signed_in(app, current, "wu", "agent").post("/console/notices/seen", data={"case": case})
    with current.sessions() as session:
        assert bell.count(session, console.user_id(current, "liu")) == 1


def test_the_case_tells_who_was_told_and_whether_they_looked(liu, case):
    panel = words(liu.get(f"/console/cases/{case}"))
    assert "通知了誰" in panel
    assert "liu 顧客又寫來了 還沒看" in panel


def test_consoles_hear_of_a_notice_at_once(liu, case, current):
    with current.sessions() as session:
        told = session.scalars(select(JournalEntry).where(JournalEntry.kind == "notice.told")).all()
    assert [entry.data["to"] for entry in told][-1] == [console.user_id(current, "liu")]


def test_i_choose_where_and_when_i_am_told(liu, current):
    answer = liu.post(
        "/console/notices/choices",
        data={"email": "liu@shop.example", "begins": "22:00", "ends": "08:00"},
        follow_redirects=True,
    )
    assert "已儲存通知方式。" in words(answer)
    with current.sessions() as session:
        choice = session.get_one(NoticeChoice, console.user_id(current, "liu"))
    assert (choice.email, choice.quiet) == ("liu@shop.example", "22:00-08:00")


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "no address"},
        {"email": "a@b.example\r\nBcc: c@d.example"},
        {"begins": "22:00"},
        {"begins": "25:00", "ends": "08:00"},
    ],
)
def test_what_cannot_be_is_not_saved(liu, current, wrong):
    answer = liu.post("/console/notices/choices", data=wrong, follow_redirects=True)
    assert "沒有儲存" in words(answer)
    with current.sessions() as session:
        assert session.scalars(select(NoticeChoice)).all() == []


def test_a_browser_subscribes_and_belongs_to_who_used_it_last(app, liu, current):
    phone = Browser("https://updates.push.services.mozilla.com/wpush/v2/1")
    wu = console.signed_in(app, current, "wu", "agent")
    for member in (liu, wu):
        given = {"endpoint": phone.endpoint, "keys": phone.keys, "expirationTime": None}
        assert member.post("/console/notices/browsers", json=given).status_code == 204
    with current.sessions() as session:
        (kept,) = session.scalars(select(PushSubscription)).all()
    assert (kept.user_id, kept.p256dh) == (console.user_id(current, "wu"), phone.keys["p256dh"])


def test_a_browser_that_is_switched_off_takes_no_pushes_and_nobody_switches_off_anothers(app, liu, current):
    phone = Browser("https://updates.push.services.mozilla.com/wpush/v2/1")
    given = {"endpoint": phone.endpoint, "keys": phone.keys}
    wu = console.signed_in(app, current, "wu", "agent")
    liu.post("/console/notices/browsers", json=given)

    def taking():
        with current.sessions() as session:
            return session.scalars(select(PushSubscription).where(PushSubscription.gone_at.is_(None))).all()

    assert wu.post("/console/notices/browsers/off", json=given).status_code == 204
    assert len(taking()) == 1
    assert phone.endpoint in liu.get("/console/notices").get_data(as_text=True)
    assert liu.post("/console/notices/browsers/off", json=given).status_code == 204
    assert taking() == []
    assert liu.post("/console/notices/browsers/off", json={}).status_code == 400


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://push.example/send/1",
        "https://fcm.googleapis.com.evil.example/fcm/send/1",
        "https://evilfcm.googleapis.com/fcm/send/1",
        "http://fcm.googleapis.com/fcm/send/1",
        "https://fcm.googleapis.com:6379/",
        "https://fcm.googleapis.com@10.0.0.1/",
        "http://127.0.0.1:8000/",
        "https://[broken",
        "",
        7,
    ],
)
def test_only_a_push_service_is_subscribed_to(liu, endpoint):
    given = {"endpoint": endpoint, "keys": Browser("").keys}
    assert liu.post("/console/notices/browsers", json=given).status_code == 400


def test_the_service_worker_has_a_name_that_stays(liu):
    script = liu.get("/console/notices/worker.js")
    assert script.mimetype == "text/javascript"
    assert "showNotification" in script.get_data(as_text=True)
    assert script.headers["Service-Worker-Allowed"] == "/console"
