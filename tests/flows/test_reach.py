"""A supervisor sees who would not hear of anything, why, and what mends it."""

from datetime import timedelta

import pytest

import webhook_app
from bot.models import User
from handoff.models import Delivery, Notice, NoticeChoice, PushSubscription
from handoff.notifiers.chat import address_of
from handoff.notify import reach
from tests import desk
from tests.console import signed_in, words
from tests.desk import AFTERNOON

ROOM = "json://127.0.0.1:9/room"
KEYS = {"p256dh": "p", "auth": "a"}


@pytest.fixture
def shop(tmp_path, postgres):
    settings = {"smtp_url": "smtp://127.0.0.1:9", "chat_urls": ROOM, "own_networks": "127.0.0.0/8"}
    with desk.shop(tmp_path, postgres, **settings) as shop:
        yield shop


@pytest.fixture
def session(shop):
    with shop.sessions() as session:
        yield session


@pytest.fixture
def liu(session):
    return desk.staff(session, "劉思妤")


def called(session, medium, address, state, user=None, at=AFTERNOON):
    """A call that is over, and what became of it."""
    notice = Notice(key=f"{medium}{address}{desk.count(session, Notice)}", kind="test", user_id=user, created_at=at)
    notice.deliveries = [Delivery(medium=medium, address=address, state=state)]
    session.add(notice)
    session.flush()


def why(shop, session):
    session.commit()
    return {person.user.name: person.why for person in reach.look(session, shop).people}


def test_who_gave_no_address_and_opened_no_push_is_reached_by_nobody(shop, session, liu):
    assert why(shop, session) == {"劉思妤": ("no_mail", "no_push")}


@pytest.mark.parametrize("reached_by", ["mail", "push"])
def test_one_medium_that_works_is_enough(shop, session, liu, reached_by):
    if reached_by == "mail":
        session.add(NoticeChoice(user_id=liu.id, email="liu@shop.example"))
    else:
        session.add(PushSubscription(user_id=liu.id, endpoint="https://push.example/1", **KEYS))
    assert why(shop, session) == {}


def test_media_that_fail_reach_nobody_until_one_of_them_works_again(shop, session, liu):
    browser = PushSubscription(user_id=liu.id, endpoint="https://push.example/1", **KEYS)
    session.add_all([NoticeChoice(user_id=liu.id, email="liu@shop.example"), browser])
    session.flush()
    called(session, "email", "liu@shop.example", "sent")
    called(session, "email", "liu@shop.example", "failed")
    called(session, "webpush", str(browser.id), "failed")
    assert why(shop, session) == {"劉思妤": ("mail_fails", "push_fails")}
    called(session, "email", "liu@shop.example", "sent")
    assert why(shop, session) == {}


def test_a_browser_that_is_gone_and_a_bell_that_nobody_looks_at_are_named(shop, session, liu):
    gone = PushSubscription(user_id=liu.id, endpoint="https://push.example/1", gone_at=AFTERNOON, **KEYS)
    session.add(gone)
    called(session, "bell", "", "sent", liu.id, AFTERNOON - timedelta(days=400))
    assert why(shop, session) == {"劉思妤": ("no_mail", "push_gone", "bell")}


def test_without_a_mail_server_nobody_is_asked_for_an_address(tmp_path, postgres):
    with desk.shop(tmp_path, postgres) as shop, shop.sessions() as session:
        desk.staff(session, "劉思妤")
        assert why(shop, session) == {"劉思妤": ("no_smtp", "no_push")}


def test_programs_marketing_and_who_left_are_not_on_the_list(shop, session, liu):
    desk.staff(session, "行銷", "marketing")
    liu.active = False
    assert why(shop, session) == {}


def test_a_room_that_did_not_get_its_last_message_is_named_while_it_is_set_up(shop, session):
    called(session, "chat", address_of(ROOM), "failed")
    called(session, "chat", "an old room", "failed")
    session.commit()
    assert [room.address for room in reach.look(session, shop).rooms] == [address_of(ROOM)]


def test_a_supervisor_reads_it_where_the_people_are_and_is_led_there_from_what_went_wrong(shop, session, liu):
    session.commit()
    app = webhook_app.create_app(shop)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    lead = signed_in(app, shop, "boss", "supervisor")
    page = words(lead.get("/console/people"))
    assert "通知不到的人" in page
    assert "沒有填信箱：請本人到「通知」填寫；沒有打開推播" in page
    assert "2 位同事或群組收不到通知" in words(lead.get("/console/trouble"))
    with shop.sessions.begin() as changes:
        changes.add_all(
            NoticeChoice(user_id=user.id, email=f"{user.id}@shop.example") for user in changes.query(User).all()
        )
    assert "每個人都有一種收得到的通知方式" in words(lead.get("/console/people"))
    assert "收不到通知" not in words(lead.get("/console/trouble"))
