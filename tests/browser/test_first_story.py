"""The story that everything else stands on, by clicks: ask the bot, ask for a person, be answered by one."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.running import Running

WIDTHS = {"wide": (1440, 900), "narrow": (390, 844)}


def page_of(browser: Browser, width: str) -> Page:
    """A person's browser; any error on its console or refused request of a script fails the story."""
    across, down = WIDTHS[width]
    page = browser.new_context(viewport={"width": across, "height": down}, locale="zh-TW").new_page()
    page.set_default_timeout(20_000)
    return page


def write(phone: Page, text: str) -> None:
    box = phone.get_by_placeholder("輸入訊息")
    box.fill(text)
    box.press("Enter")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_question_is_answered_and_a_person_takes_over(browser: Browser, demo: Running, width: str) -> None:
    customer = {"wide": "黃柏翰", "narrow": "林淑芬"}[width]
    phone, desk = page_of(browser, width), page_of(browser, width)
    phone.goto(f"{demo.url}/simulator")
    play(phone, customer, width)

    write(phone, "運費怎麼算?")
    expect(phone.get_by_text(re.compile("80 元")).first).to_be_visible()

    write(phone, "我要找真人")
    promise = phone.get_by_text(re.compile(r"CS-\d{6}-\d{4}")).first
    expect(promise).to_be_visible()
    number = re.search(r"CS-\d{6}-\d{4}", promise.inner_text())
    assert number

    desk.goto(f"{demo.url}/console")
    desk.get_by_role("button", name=re.compile("王志豪")).click()
    desk.locator(".li", has_text=customer).first.click()
    expect(desk.locator(".msgs").get_by_text("我要找真人", exact=True)).to_be_visible()
    desk.get_by_role("button", name="接手這件案件").click()

    composer = desk.get_by_label(f"寫給{customer}")
    composer.fill("您好，我是志豪，馬上為您查詢。")
    composer.press("Control+Enter")
    expect(phone.get_by_text("您好，我是志豪，馬上為您查詢。", exact=True)).to_be_visible()
    expect(phone.locator("#thread").get_by_text(re.compile("王志豪")).first).to_be_visible()
    expect(desk.get_by_text(re.compile("LINE 已接收")).last).to_be_visible()

    write(phone, "好的，麻煩您")
    expect(desk.locator(".msgs").get_by_text("好的，麻煩您")).to_be_visible()

    ask_whether_it_is_solved(desk, width)
    phone.get_by_role("button", name="解決了", exact=True).click()
    expect(desk.get_by_text(re.compile("已結案（"))).to_be_visible()


def play(phone: Page, customer: str, width: str) -> None:
    """Be this customer; on a narrow screen the choice is a pane of its own."""
    if width == "narrow":
        phone.locator("nav.panes").get_by_text("試試看").click()
    phone.locator("label", has_text=customer).click()
    if width == "narrow":
        phone.locator("nav.panes").get_by_text("手機").click()


def ask_whether_it_is_solved(desk: Page, width: str) -> None:
    if width == "narrow":
        desk.get_by_label("這件案件可以做的事").click()
    desk.get_by_role("button", name="問顧客是否解決").locator("visible=true").click()
