"""A supervisor sends again what did not arrive, by mouse and by keyboard, and the customer's phone shows it once."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from bot import conversations, db
from bot.messages import Outbound
from bot.models import Contact, Conversation, OutboxRow
from bot.settings import Settings
from tests.browser.test_first_story import WIDTHS, page_of, play, write
from tests.running import Running

FINGER = 44


def fail(demo: Running, customer: str, *texts: str) -> None:
    """These messages to a customer came to rest as dead letters."""
    sessions = db.sessions(db.connect(Settings(frontline_data=demo.data, database_url="")))
    with sessions.begin() as session:
        whose = select(Conversation.id).join(Contact).where(Contact.name == customer)
        conversation = conversations.locked(session, session.scalars(whose).one())
        said = conversations.say(session, conversation, *map(Outbound, texts), speaker="agent")
        session.flush()
        for message in said:
            row = session.scalars(select(OutboxRow).where(OutboxRow.message_id == message.id)).one()
            row.state, row.error = "failed", "LINE does not accept our access token (401)"


def shown(phone: Page, text: str) -> Locator:
    return phone.locator("#messages .lmsg", has_text=text)


def double_click_slowly(desk: Page, letters: Locator) -> None:
    """The second click comes when the next line has moved up under the pointer: it must not count."""
    box = letters.first.get_by_role("button", name="再送一次").bounding_box()
    assert box
    if WIDTHS["narrow"][0] == desk.evaluate("innerWidth"):
        assert box["height"] >= FINGER
    left, middle, count = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, letters.count()
    desk.mouse.click(left, middle)
    expect(letters).to_have_count(count - 1)
    desk.mouse.down(click_count=2)
    desk.mouse.up(click_count=2)
    expect(letters).to_have_count(count - 1)


@pytest.mark.parametrize("width", WIDTHS)
def test_what_did_not_arrive_is_sent_again(browser: Browser, demo: Running, width: str) -> None:
    customer = {"wide": "吳承恩", "narrow": "陳怡君"}[width]
    phone, desk = page_of(browser, width), page_of(browser, width)
    complaints: list[str] = []
    desk.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    phone.goto(f"{demo.url}/simulator")
    play(phone, customer, width)
    write(phone, "運費怎麼算?")
    expect(phone.get_by_text(re.compile("80 元")).first).to_be_visible()

    desk.goto(f"{demo.url}/console/trouble")
    desk.get_by_role("button", name=re.compile("林佩蓉")).click()
    expect(desk.get_by_text("沒有異常")).to_be_visible()
    fail(demo, customer, "第一則", "第二則", "第三則")
    letters = desk.locator(".letter")
    expect(letters).to_have_count(3)  # by itself, within seconds

    if width == "narrow":
        assert desk.evaluate("document.documentElement.scrollWidth") == WIDTHS[width][0]
    double_click_slowly(desk, letters)
    expect(shown(phone, "第一則")).to_have_count(1)

    second = letters.first.get_by_role("button", name="再送一次")
    second.focus()
    desk.keyboard.press("Enter")
    expect(letters).to_have_count(1)
    expect(letters.first.get_by_role("button", name="再送一次")).to_be_focused()
    expect(shown(phone, "第二則")).to_have_count(1)

    desk.get_by_role("button", name="全部再送").first.click()
    desk.get_by_role("dialog").get_by_role("button", name="全部再送").click()
    expect(desk.get_by_text("沒有異常")).to_be_visible()
    expect(shown(phone, "第三則")).to_have_count(1)
    assert [shown(phone, text).count() for text in ("第一則", "第二則", "第三則")] == [1, 1, 1]
    assert complaints == []
