"""A change of an order, by clicks: the bot prepares it, somebody approves it, the shop makes it, the customer hears."""

from playwright.sync_api import Browser, expect

from tests.browser.test_first_story import write
from tests.browser.test_self_service import case_of, desk_at, hears, phone_of
from tests.running import Running

ORDER, THERE = "GB1120-20955", "高雄市左營區博愛二路777號"
TOLD = f"訂單 {ORDER} 的收件地址已經改成 {THERE}。"


def test_an_address_is_changed_and_told_when_somebody_has_approved_it(browser: Browser, demo: Running) -> None:
    phone = phone_of(browser, demo, "黃柏翰", "narrow")
    write(phone, f"我要改訂單 {ORDER} 的地址")
    hears(phone, "想改成什麼|要改成什麼")
    write(phone, THERE)
    number = case_of(phone)

    desk = desk_at(browser, demo, number, "wide")
    prepared = desk.locator(".prepared")
    expect(prepared).to_contain_text("顧客還沒有收到")
    expect(prepared).to_contain_text(THERE)
    expect(phone.locator("#thread").get_by_text("已經改成")).to_have_count(0)

    prepared.get_by_role("button", name="核准").first.click()
    hears(phone, TOLD)
    expect(desk.locator(".prepared-done")).to_contain_text("核准了機器人準備的回覆")
