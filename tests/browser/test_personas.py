"""A day at the desk with everybody at once: an agent, a senior and a supervisor at their screens, two customers at
their phones. Each step is a function of the day, told in its order; a further step is one more line of the story.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from playwright.sync_api import Browser, Locator, Page, expect

from bot.auth import create_user
from tests.browser.test_board import comes, inside, signed_in, time_passes
from tests.browser.test_first_story import page_of, play, write
from tests.browser.test_workspace import is_drawn
from tests.pictures import picture
from tests.running import Running

CHEN, HUANG = "陳怡君", "黃柏翰"
PASSWORD = "only for this story"
NUMBER = re.compile(r"CS-\d{6}-\d{4}")
SOON = 20_000


@dataclass(frozen=True)
class Day:
    """Who is there, at which screen. `case`: 陳怡君's, `other`: 黃柏翰's."""

    demo: Running
    agent: Page
    senior: Page
    board: Page
    chen: Page
    huang: Page
    case: str
    other: str


def test_a_day_of_three_personas_and_two_customers(browser: Browser, demo: Running) -> None:
    day = begins(browser, demo)
    for step in STEPS:
        step(day)


def begins(browser: Browser, demo: Running) -> Day:
    """Nobody is given cases by the queue, so that who comes first decides."""
    with inside(demo) as session:
        create_user(session, "su", "蘇怡如", "specialist", PASSWORD)
    agent = signed_in(browser, demo, "王志豪", "/console")
    takes_cases = agent.locator("#side").get_by_role("switch", name="接新案件")
    takes_cases.click()
    expect(takes_cases).not_to_be_checked()
    senior = page_of(browser, "wide")
    senior.goto(f"{demo.url}/sign-in?next=/console")
    senior.locator("#username").fill("su")
    senior.locator("#password").fill(PASSWORD)
    senior.keyboard.press("Enter")
    board = signed_in(browser, demo, "林佩蓉", "/board")
    phones = [page_of(browser, "narrow") for _ in (CHEN, HUANG)]
    numbers = [asks_for_a_person(demo, phone, name) for phone, name in zip(phones, (CHEN, HUANG), strict=True)]
    return Day(demo, agent, senior, board, *phones, *numbers)


def asks_for_a_person(demo: Running, phone: Page, name: str) -> str:
    phone.goto(f"{demo.url}/simulator")
    play(phone, name, "narrow")
    write(phone, "收到的杯子破了，我要找真人")
    said = phone.locator("#messages .lmsg").filter(has_text=NUMBER).last
    expect(said).to_be_visible(timeout=SOON)
    found = NUMBER.search(said.inner_text())
    assert found
    return found[0]


def one_of_two_who_press_at_once_has_the_case(day: Day) -> None:
    for desk in (day.agent, day.senior):
        desk.goto(f"{day.demo.url}/console/cases/{day.case}")
        expect(claim(desk)).to_be_visible()
    with day.agent.expect_response("**/claim"):  # hers comes first, and the senior's screen may not show it yet
        claim(day.agent).click()
    day.senior.evaluate("document.querySelector('[data-action=claim] button')?.click()")
    expect(reply(day.agent)).to_be_focused()
    expect(day.senior.get_by_text(re.compile("王志豪正在處理這件案件")).first).to_be_visible()
    expect(reply(day.senior)).to_have_count(0)


def the_agent_answers_with_a_template(day: Day) -> None:
    day.agent.keyboard.type("/補拍")
    picker = day.agent.get_by_role("listbox", name="回覆範本")
    expect(picker.get_by_role("option", selected=True)).to_contain_text("破損：補拍照片")
    day.agent.keyboard.press("Enter")
    expect(reply(day.agent)).to_have_value(re.compile(f"^{CHEN}您好，麻煩您拍一張"))
    day.agent.keyboard.press("Control+Enter")
    expect(on(day.chen, "麻煩您拍一張商品破損處")).to_be_visible(timeout=SOON)


def a_note_reaches_the_senior_and_no_customer(day: Day) -> None:
    day.agent.get_by_role("tab", name="內部備註").click()
    day.agent.get_by_label("寫給同事的備註…").fill("第二次破了，先別請她寄回")
    day.agent.get_by_role("button", name="儲存備註").click()
    expect(day.senior.locator(".note", has_text="先別請她寄回")).to_be_visible()
    expect(on(day.chen, "先別請她寄回")).to_have_count(0)


def a_whisper_reaches_the_agent_alone(day: Day) -> None:
    day.senior.get_by_role("tab", name="耳語").click()
    day.senior.get_by_label("只說給王志豪聽…").fill("可以直接補寄，不用收回")
    day.senior.get_by_role("button", name="耳語給他").click()
    expect(day.agent.locator(".inn.whisper", has_text="可以直接補寄")).to_be_visible()
    expect(on(day.chen, "可以直接補寄")).to_have_count(0)


def pictures_go_both_ways(day: Day) -> None:
    photo = {"name": "cup.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    day.chen.locator("#picture").set_input_files(photo)
    for desk in (day.agent, day.senior):
        is_drawn(desk.locator(".mg[data-author=customer] .bb.pic img"))
    day.agent.get_by_role("tab", name="回覆顧客").click()
    day.agent.locator("[data-file]").set_input_files(photo | {"name": "voucher.jpg"})
    is_drawn(day.agent.locator(".enclosure img"))
    day.agent.get_by_role("button", name="傳送").click()
    is_drawn(day.chen.locator("img.picture").nth(1))


def what_came_while_the_network_was_lost_is_there_afterwards(day: Day) -> None:
    day.agent.get_by_role("tab", name="回覆顧客").click()
    reply(day.agent).fill("我先查一下")
    day.agent.context.set_offline(True)
    write(day.chen, "照片等等傳給您")
    expect(said(day.senior, "照片等等傳給您")).to_be_attached(timeout=SOON)
    expect(day.agent.locator(".offline")).to_be_visible()
    expect(said(day.agent, "照片等等傳給您")).to_have_count(0)
    day.agent.context.set_offline(False)
    expect(said(day.agent, "照片等等傳給您")).to_be_attached(timeout=SOON)
    expect(day.agent.locator(".offline")).to_be_hidden()
    expect(reply(day.agent)).to_have_value("我先查一下")


def a_reply_from_a_stale_screen_is_refused_until_its_writer_has_looked(day: Day) -> None:
    day.agent.get_by_role("button", name="傳送").click()
    strip = day.agent.locator(".stale")
    expect(strip).to_be_visible()
    expect(reply(day.agent)).to_have_value("我先查一下")
    expect(on(day.chen, "我先查一下")).to_have_count(0)
    strip.get_by_role("button", name="看新訊息").click()
    day.agent.keyboard.press("Control+Enter")
    expect(on(day.chen, "我先查一下")).to_be_visible(timeout=SOON)


def the_case_goes_to_the_senior_with_a_reason(day: Day) -> None:
    form = day.agent.locator('form[data-action="pass_on"]').last
    form.locator("xpath=ancestor::details").locator("summary").click()
    form.get_by_label("給誰").select_option(label="蘇怡如")
    form.get_by_label("為什麼").fill("第二次破損，要同意補寄")
    form.get_by_role("button", name="轉交").click()
    expect(reply(day.senior).or_(claim(day.senior)).first).to_be_visible()
    if claim(day.senior).count():
        claim(day.senior).click()
    reply(day.senior).fill("您好，我是怡如，新的杯子今天寄出。")
    day.senior.get_by_role("button", name="傳送").click()
    expect(on(day.chen, "新的杯子今天寄出")).to_be_visible(timeout=SOON)


def a_breach_is_seen_on_the_board_and_the_case_reassigned(day: Day) -> None:
    row = day.board.locator(f"#case-{day.other}")
    time_passes(day.demo, day.other, timedelta(minutes=61))
    expect(row.locator(".cd.over")).to_be_visible(timeout=30_000)
    comes(day.demo, "liu", "劉思妤")
    day.board.reload()
    row.get_by_role("button", name=re.compile("轉派|指派")).click()
    day.board.locator("[popover]:popover-open").get_by_role("button", name=re.compile("劉思妤")).click()
    expect(row.locator(".owner")).to_contain_text("劉思妤")


def the_customer_says_that_it_is_solved(day: Day) -> None:
    day.senior.get_by_role("button", name="結案").locator("visible=true").click()
    expect(day.senior.get_by_text(re.compile("已結案（"))).to_be_visible()


def and_is_back_in_the_same_case_when_it_was_not(day: Day) -> None:
    write(day.chen, "新的也破了")
    expect(said(day.senior, "新的也破了")).to_be_visible(timeout=SOON)
    expect(day.senior.get_by_text(re.compile("已結案（"))).to_have_count(0)
    expect(day.senior.locator("header.th")).to_contain_text(day.case)


STEPS: tuple[Callable[[Day], None], ...] = (
    one_of_two_who_press_at_once_has_the_case,
    the_agent_answers_with_a_template,
    a_note_reaches_the_senior_and_no_customer,
    a_whisper_reaches_the_agent_alone,
    pictures_go_both_ways,
    what_came_while_the_network_was_lost_is_there_afterwards,
    a_reply_from_a_stale_screen_is_refused_until_its_writer_has_looked,
    the_case_goes_to_the_senior_with_a_reason,
    a_breach_is_seen_on_the_board_and_the_case_reassigned,
    the_customer_says_that_it_is_solved,
    and_is_back_in_the_same_case_when_it_was_not,
)


def claim(desk: Page) -> Locator:
    return desk.locator('[data-action="claim"] button')


def reply(desk: Page) -> Locator:
    return desk.get_by_label(f"寫給{CHEN}")


def said(desk: Page, text: str) -> Locator:
    """What stands in the thread of the open case."""
    return desk.locator(".msgs .bb", has_text=text)


def on(phone: Page, text: str) -> Locator:
    return phone.locator("#messages .lmsg", has_text=text)
