"""A day at the desk with everybody at once: an agent, a senior and a supervisor at their screens, two customers at
their phones. Each step is a function of the day, told in its order, and returns the screen that tells it; a further
step is one more line of the story. The staff have wide screens one day and phones the next; the agent likes light
colours, the senior dark ones.

With `--pictures FOLDER` each step is photographed, light and dark, as docs/story.md shows it.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import delete

from bot.auth import create_user
from handoff.models import Presence
from tests import photographs
from tests.browser.test_board import comes, inside, time_passes
from tests.browser.test_first_story import WIDTHS, page_of, play, write
from tests.browser.test_workspace import is_drawn
from tests.pictures import picture
from tests.running import Running

PASSWORD = "only for this story"
NUMBER = re.compile(r"CS-\d{6}-\d{4}")
A_MINUTE = 60_000


@dataclass(frozen=True)
class Cast:
    """Who plays besides 王志豪 and 林佩蓉: each day others, since the demo goes on."""

    senior: str
    helper: str
    customer: str
    other: str


CASTS = {
    "wide": Cast("蘇怡如", "劉思妤", "陳怡君", "黃柏翰"),
    "narrow": Cast("周雅雯", "何宜蓁", "林淑芬", "吳承恩"),
}


@dataclass(frozen=True)
class Day:
    """Who is there, at which screen. `case`: the first customer's, `late`: the other's."""

    demo: Running
    width: str
    cast: Cast
    agent: Page
    senior: Page
    board: Page
    phone: Page
    other: Page
    case: str
    late: str


@pytest.fixture
def photograph(request: pytest.FixtureRequest, width: str) -> Callable[[str, Page], None]:
    """Keeps a picture of a screen in both schemes of colours, where pictures are wanted."""
    folder = request.config.getoption("--pictures")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)

    def keep(name: str, screen: Page) -> None:
        if screen.viewport_size is None or screen.viewport_size["width"] != WIDTHS[width][0]:
            return  # a customer's phone, which is the same both days
        for scheme in ("light", "dark"):
            screen.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            screen.wait_for_timeout(300)  # what fades has faded
            photographs.keep(screen, Path(folder, f"{name}-{width}-{scheme}.png"))

    return keep if folder else lambda *_: None


@pytest.fixture
def day(browser: Browser, demo: Running, width: str) -> Iterator[Day]:
    """Nobody is given cases by the queue, so that who comes first decides."""
    cast = CASTS[width]
    with inside(demo) as session:
        create_user(session, f"su-{width}", cast.senior, "specialist", PASSWORD)
    agent, senior, board = (screen(browser, width, scheme) for scheme in ("light", "dark", "light"))
    agent.clock.install()
    agent.goto(f"{demo.url}/console")
    agent.get_by_role("button", name=re.compile("王志豪")).click()
    takes_no_cases(agent, width)
    senior.goto(f"{demo.url}/sign-in?next=/console")
    senior.locator("#username").fill(f"su-{width}")
    senior.locator("#password").fill(PASSWORD)
    senior.keyboard.press("Enter")
    board.goto(f"{demo.url}/board")
    board.get_by_role("button", name=re.compile("林佩蓉")).click()
    phones = [page_of(browser, "narrow") for _ in range(2)]
    cases = [asks_for_a_person(demo, *who) for who in zip(phones, (cast.customer, cast.other), strict=True)]
    yield Day(demo, width, cast, agent, senior, board, *phones, *cases)
    for used in (agent, senior, board, *phones):
        used.context.close()
    with inside(demo) as session:
        session.execute(delete(Presence))


@pytest.mark.parametrize("width", WIDTHS)
def test_a_day_of_three_personas_and_two_customers(day: Day, photograph: Callable[[str, Page], None]) -> None:
    for place, step in enumerate(STEPS, start=1):
        photograph(f"{place:02}-{step.__name__.replace('_', '-')}", step(day))


def screen(browser: Browser, width: str, scheme: str) -> Page:
    page = page_of(browser, width)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    return page


def takes_no_cases(agent: Page, width: str) -> None:
    switch = agent.locator("#side" if width == "wide" else "#list").get_by_role("switch", name="接新案件")
    if switch.is_checked():
        switch.click()
    expect(switch).not_to_be_checked()


def asks_for_a_person(demo: Running, phone: Page, name: str) -> str:
    phone.goto(f"{demo.url}/simulator")
    play(phone, name, "narrow")
    write(phone, "收到的杯子破了，我要找真人")
    said = phone.locator("#messages .lmsg").filter(has_text=NUMBER).last
    expect(said).to_be_visible()
    found = NUMBER.search(said.inner_text())
    assert found
    return found[0]


def one_of_two_who_press_at_once_has_the_case(day: Day) -> Page:
    for desk in (day.agent, day.senior):
        desk.goto(f"{day.demo.url}/console/cases/{day.case}")
        expect(claim(desk)).to_be_visible()
    with day.agent.expect_response("**/claim"):  # hers comes first, and the senior's screen may not show it yet
        claim(day.agent).click()
    day.senior.evaluate("document.querySelector('[data-action=claim] button')?.click()")
    expect(reply(day, day.agent)).to_be_focused()
    expect(day.senior.get_by_text(re.compile("王志豪正在處理這件案件")).first).to_be_visible()
    expect(reply(day, day.senior)).to_have_count(0)
    return day.senior


def the_agent_picks_a_template_by_keyboard(day: Day) -> Page:
    day.agent.keyboard.type("/補拍")
    picker = day.agent.get_by_role("listbox", name="回覆範本")
    expect(picker.get_by_role("option", selected=True)).to_contain_text("破損：補拍照片")
    return day.agent


def the_customer_reads_the_answer(day: Day) -> Page:
    day.agent.keyboard.press("Enter")
    expect(reply(day, day.agent)).to_have_value(re.compile(f"^{day.cast.customer}您好，麻煩您拍一張"))
    day.agent.keyboard.press("Control+Enter")
    expect(on(day.phone, "麻煩您拍一張商品破損處")).to_be_visible()
    return day.phone


def a_note_reaches_the_senior_and_no_customer(day: Day) -> Page:
    day.agent.get_by_role("tab", name="內部備註").click()
    day.agent.get_by_label("寫給同事的備註…").fill("第二次破了，先別請她寄回")
    day.agent.get_by_role("button", name="儲存備註").click()
    expect(day.senior.locator(".note", has_text="先別請她寄回")).to_be_visible()
    expect(on(day.phone, "先別請她寄回")).to_have_count(0)
    return day.senior


def a_whisper_reaches_the_agent_alone(day: Day) -> Page:
    day.senior.get_by_role("tab", name="耳語").click()
    day.senior.get_by_label("只說給王志豪聽…").fill("可以直接補寄，不用收回")
    day.senior.get_by_role("button", name="耳語給他").click()
    expect(day.agent.locator(".inn.whisper", has_text="可以直接補寄")).to_be_visible()
    expect(on(day.phone, "可以直接補寄")).to_have_count(0)
    return day.agent


def pictures_go_both_ways(day: Day) -> Page:
    photo = {"name": "cup.jpg", "mimeType": "image/jpeg", "buffer": picture(width=320, height=200)}
    day.phone.locator("#picture").set_input_files(photo)
    for desk in (day.agent, day.senior):
        is_drawn(desk.locator(".mg[data-author=customer] .bb.pic img"))
    day.agent.get_by_role("tab", name="回覆顧客").click()
    day.agent.locator("[data-file]").set_input_files(photo | {"name": "voucher.jpg"})
    is_drawn(day.agent.locator(".enclosure img"))
    day.agent.get_by_role("button", name="傳送").click()
    is_drawn(day.phone.locator("img.picture").nth(1))
    return day.agent


def the_network_is_lost_for_a_minute(day: Day) -> Page:
    day.agent.get_by_role("tab", name="回覆顧客").click()
    reply(day, day.agent).fill("我先查一下")
    day.agent.context.set_offline(True)
    write(day.phone, "照片等等傳給您")
    expect(said(day.senior, "照片等等傳給您")).to_be_attached()
    day.agent.clock.fast_forward(A_MINUTE)
    expect(day.agent.locator(".offline")).to_be_visible()
    expect(said(day.agent, "照片等等傳給您")).to_have_count(0)
    return day.agent


def what_came_meanwhile_is_there_afterwards(day: Day) -> Page:
    day.agent.context.set_offline(False)
    expect(said(day.agent, "照片等等傳給您")).to_be_attached()
    expect(day.agent.locator(".offline")).to_be_hidden()
    expect(reply(day, day.agent)).to_have_value("我先查一下")
    return day.agent


def a_reply_from_a_stale_screen_is_refused(day: Day) -> Page:
    day.agent.get_by_role("button", name="傳送").click()
    expect(day.agent.locator(".stale")).to_be_visible()
    expect(reply(day, day.agent)).to_have_value("我先查一下")
    expect(on(day.phone, "我先查一下")).to_have_count(0)
    return day.agent


def and_goes_out_once_its_writer_has_looked(day: Day) -> Page:
    day.agent.locator(".stale").get_by_role("button", name="看新訊息").click()
    day.agent.keyboard.press("Control+Enter")
    expect(on(day.phone, "我先查一下")).to_be_visible()
    return day.phone


def the_case_is_passed_on_with_a_reason(day: Day) -> Page:
    if day.width == "narrow":
        day.agent.get_by_role("button", name="顧客資料").click()
    form = day.agent.locator('form[data-action="pass_on"]').last
    form.locator("xpath=ancestor::details").locator("summary").click()
    form.get_by_label("給誰").select_option(label=day.cast.senior)
    form.get_by_label("為什麼").fill("第二次破損，要同意補寄")
    return day.agent


def and_the_senior_answers(day: Day) -> Page:
    day.agent.locator('form[data-action="pass_on"]').last.get_by_role("button", name="轉交").click()
    expect(reply(day, day.senior).or_(claim(day.senior)).first).to_be_visible()
    if claim(day.senior).count():
        claim(day.senior).click()
    reply(day, day.senior).fill("您好，我是主管，新的杯子今天寄出。")
    day.senior.get_by_role("button", name="傳送").click()
    expect(on(day.phone, "新的杯子今天寄出")).to_be_visible()
    return day.senior


def a_breach_is_seen_on_the_board(day: Day) -> Page:
    """The agent has taken the other case as well, and has not come to it: the queue gives it to nobody else."""
    day.agent.goto(f"{day.demo.url}/console/cases/{day.late}")
    claim(day.agent).click()
    expect(day.agent.get_by_label(f"寫給{day.cast.other}")).to_be_visible()
    time_passes(day.demo, day.late, timedelta(minutes=61))
    expect(row(day).locator(".cd.over")).to_be_visible()
    return day.board


def and_the_case_is_reassigned_in_two_clicks(day: Day) -> Page:
    comes(day.demo, f"liu-{day.width}", day.cast.helper)
    day.board.reload()
    row(day).get_by_role("button", name="轉派").click()
    day.board.locator("[popover]:popover-open").get_by_role("button", name=re.compile(day.cast.helper)).click()
    expect(row(day).locator(".owner")).to_contain_text(day.cast.helper)
    return day.board


def the_senior_resolves_the_case(day: Day) -> Page:
    if day.width == "narrow":
        day.senior.get_by_label("這件案件可以做的事").click()
    day.senior.get_by_role("button", name="結案").locator("visible=true").click()
    expect(day.senior.get_by_text(re.compile("已結案（"))).to_be_visible()
    return day.senior


def the_customer_is_back_in_the_same_case(day: Day) -> Page:
    write(day.phone, "新的也破了")
    expect(said(day.senior, "新的也破了")).to_be_visible()
    expect(day.senior.get_by_text(re.compile("已結案（"))).to_have_count(0)
    expect(day.senior.locator("header.th")).to_contain_text(day.case)
    return day.senior


STEPS: tuple[Callable[[Day], Page], ...] = (
    one_of_two_who_press_at_once_has_the_case,
    the_agent_picks_a_template_by_keyboard,
    the_customer_reads_the_answer,
    a_note_reaches_the_senior_and_no_customer,
    a_whisper_reaches_the_agent_alone,
    pictures_go_both_ways,
    the_network_is_lost_for_a_minute,
    what_came_meanwhile_is_there_afterwards,
    a_reply_from_a_stale_screen_is_refused,
    and_goes_out_once_its_writer_has_looked,
    the_case_is_passed_on_with_a_reason,
    and_the_senior_answers,
    a_breach_is_seen_on_the_board,
    and_the_case_is_reassigned_in_two_clicks,
    the_senior_resolves_the_case,
    the_customer_is_back_in_the_same_case,
)


def row(day: Day) -> Locator:
    """The other customer's case, on the board."""
    return day.board.locator(f"#case-{day.late}")


def claim(desk: Page) -> Locator:
    return desk.locator('[data-action="claim"] button')


def reply(day: Day, desk: Page) -> Locator:
    return desk.get_by_label(f"寫給{day.cast.customer}")


def said(desk: Page, text: str) -> Locator:
    """What stands in the thread of the open case."""
    return desk.locator(".msgs .bb", has_text=text)


def on(phone: Page, text: str) -> Locator:
    return phone.locator("#messages .lmsg", has_text=text)
