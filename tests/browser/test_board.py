"""A breach nears, is seen on the board without a reload, and the case is with somebody free two clicks later."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import db
from bot.clock import now
from bot.models import User
from bot.settings import Settings
from handoff.models import Clock, Member, Presence, Team, Ticket
from tests.browser.test_first_story import page_of, play, write
from tests.running import Running

CUSTOMER = "黃柏翰"


@contextmanager
def inside(demo: Running) -> Iterator[Session]:
    sessions = db.sessions(db.connect(Settings(frontline_data=demo.data, database_url="")))
    with sessions.begin() as session:
        yield session


def time_passes(demo: Running, number: str, span: timedelta) -> None:
    """The clocks of a case began that much earlier."""
    with inside(demo) as session:
        for clock in session.scalars(select(Clock).join(Clock.ticket).where(Ticket.number == number)):
            for moment in ("started_at", "anchor_at", "due_at", "next_at"):
                if (at := getattr(clock, moment)) is not None:
                    setattr(clock, moment, at - span)


def comes(demo: Running, username: str, name: str) -> None:
    """A colleague of every team, with her console open."""
    with inside(demo) as session:
        user = User(username=username, name=name, role="agent", password_hash="")
        session.add(user)
        session.flush()
        session.add_all(Member(team_id=team, user_id=user.id) for team in session.scalars(select(Team.id)))
        session.add(Presence(user_id=user.id, online_until=now() + timedelta(hours=1)))


def signed_in(browser: Browser, demo: Running, name: str, page: str) -> Page:
    screen = page_of(browser, "wide")
    screen.goto(f"{demo.url}{page}")
    screen.get_by_role("button", name=re.compile(name)).click()
    return screen


def test_a_breach_is_seen_coming_and_the_case_reassigned_in_two_clicks(browser: Browser, demo: Running) -> None:
    agent, board = signed_in(browser, demo, "王志豪", "/console"), signed_in(browser, demo, "林佩蓉", "/board")
    expect(board.get_by_role("heading", name="看板")).to_be_visible()
    phone = page_of(browser, "wide")
    phone.goto(f"{demo.url}/simulator")
    play(phone, CUSTOMER, "wide")
    write(phone, "我要找真人")
    said = phone.get_by_text(re.compile(r"CS-\d{6}-\d{4}")).last
    expect(said).to_be_visible()
    found = re.search(r"CS-\d{6}-\d{4}", said.inner_text())
    assert found
    number = found[0]

    near = board.locator(f"#near-{number}")
    time_passes(demo, number, timedelta(minutes=54))
    expect(near.locator(".cd.soon")).to_have_text(re.compile(r"\d:\d\d"), timeout=40_000)
    time_passes(demo, number, timedelta(minutes=7))
    row = board.locator(f"#case-{number}")
    expect(row.locator(".cd.over")).to_be_visible()
    expect(near).to_have_count(0)

    comes(demo, "liu", "劉思妤")
    board.reload()
    row.get_by_role("button", name=re.compile("轉派|指派")).click()
    board.locator("[popover]:popover-open").get_by_role("button", name=re.compile("劉思妤")).click()
    expect(row.locator(".owner")).to_contain_text("劉思妤")
    expect(board.locator("#agent-liu")).to_contain_text(re.compile(r"[1-5]/5"))
    expect(agent.locator("#pane")).to_be_visible()

    board.set_viewport_size({"width": 390, "height": 844})
    assert board.evaluate("document.documentElement.scrollWidth") == 390
    board.set_viewport_size({"width": 1440, "height": 900})
    board.get_by_role("link", name="牆面模式").click()
    expect(board.locator(".wall").get_by_text(CUSTOMER).first).to_be_visible()
    assert board.locator(".wall button, .wall form").count() == 0
