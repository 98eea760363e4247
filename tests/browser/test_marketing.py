"""Marketing apart, by clicks: who takes part is thanked; who complains in the same breath gets a person."""

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Browser, Page, expect

from tests.browser.test_board import signed_in
from tests.browser.test_first_story import page_of, play, write
from tests.running import Running

THANKS = "感謝參加喵喵抽獎，名單下週公布。"


def registers(page: Page) -> None:
    """A campaign that runs today and tomorrow."""
    page.get_by_role("link", name="登記活動").click()
    page.get_by_label("名稱").fill("喵喵抽獎")
    page.get_by_label("關鍵字").fill("喵喵+1")
    page.get_by_label("感謝的話").fill(THANKS)
    for label, days in (("開始", -1), ("結束", 2)):
        at = datetime.now(UTC) + timedelta(days=days)
        page.get_by_label(label, exact=True).fill(f"{at:%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="儲存").click()
    expect(page.get_by_role("heading", name="喵喵抽獎")).to_be_visible()


def test_a_campaign_reply_that_contains_a_complaint_goes_to_a_person(browser: Browser, demo: Running) -> None:
    lead = signed_in(browser, demo, "林佩蓉", "/marketing")
    registers(lead)
    phone = page_of(browser, "narrow")
    phone.goto(f"{demo.url}/simulator")
    play(phone, "黃柏翰", "narrow")
    write(phone, "喵喵+1")
    expect(phone.get_by_text(THANKS, exact=True)).to_be_visible()
    write(phone, "喵喵+1 你們客服態度真的很差，我要投訴")
    expect(phone.get_by_text(re.compile(r"CS-\d{6}-\d{4}")).first).to_be_visible()
    lead.reload()
    expect(lead.locator("#marketing").get_by_text("黃柏翰")).to_be_visible()
    expect(lead.locator("#marketing").get_by_text("案件處理中")).to_be_visible()
    expect(lead.get_by_text("1 人、1 則")).to_be_visible()
    lead.get_by_label("要說的話").fill("得獎名單公布了，快來看看。")
    lead.get_by_role("button", name="先看看").click()
    expect(lead.get_by_text("1 人的案件還在處理，不寄。")).to_be_visible()
    expect(lead.get_by_role("button", name="寄給 0 人")).to_be_disabled()
