"""What the bot resolves by itself, by clicks: facts before a person comes, a change that waits, orders of others."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_first_story import WIDTHS, page_of, play, write
from tests.pictures import picture
from tests.running import Running

NUMBER = re.compile(r"CS-\d{6}-\d{4}")
ORDER = "GB1118-20731"
OWN = {"wide": ("林淑芬", "GB1102-19007", "0922333444"), "narrow": ("陳怡君", ORDER, "0912345678")}


def phone_of(browser: Browser, demo: Running, customer: str, width: str) -> Page:
    phone = page_of(browser, width)
    phone.goto(f"{demo.url}/simulator")
    play(phone, customer, width)
    return phone


def hears(phone: Page, words: str) -> None:
    expect(phone.locator("#thread").get_by_text(re.compile(words)).last).to_be_visible()


def case_of(phone: Page) -> str:
    promise = phone.locator("#thread").get_by_text(NUMBER).last
    expect(promise).to_be_visible()
    found = NUMBER.search(promise.inner_text())
    assert found
    return found[0]


def desk_at(browser: Browser, demo: Running, number: str, width: str) -> Page:
    desk = page_of(browser, width)
    desk.goto(f"{demo.url}/console/cases/{number}")
    desk.get_by_role("button", name=re.compile("王志豪")).click()
    return desk


@pytest.mark.parametrize("width", WIDTHS)
def test_of_somebody_elses_order_nothing_is_told(browser: Browser, demo: Running, width: str) -> None:
    phone = phone_of(browser, demo, "Emily Tsai", width)
    write(phone, "GB1117-20555")
    hears(phone, "末三碼|last three digits of the phone")
    write(phone, "000")
    hears(phone, "對不起來|do not match")
    for secret in ("堅果", "12345678901234567890", "目前：", "on its way"):
        expect(phone.locator("#thread").get_by_text(secret)).to_have_count(0)


@pytest.mark.parametrize("width", WIDTHS)
def test_damaged_goods_are_handed_over_with_all_facts(browser: Browser, demo: Running, width: str) -> None:
    customer = {"wide": "黃柏翰", "narrow": "吳承恩"}[width]
    phone = phone_of(browser, demo, customer, width)
    write(phone, "收到的馬克杯破掉了")
    hears(phone, "請問您的訂單編號是")
    write(phone, "GB 十一")
    hears(phone, "這看起來不像訂單編號")
    write(phone, "運費怎麼算?")
    hears(phone, "80 元")
    hears(phone, "回到剛才的「商品破損")
    write(phone, ORDER)
    hears(phone, "請拍照或錄影")
    for name in ("cup.jpg", "box.jpg"):
        phone.locator("#picture").set_input_files({"name": name, "mimeType": "image/jpeg", "buffer": picture()})
        expect(phone.locator("#thread img")).to_have_count(1 if name == "cup.jpg" else 2)
    number = case_of(phone)

    desk = desk_at(browser, demo, number, width)
    expect(desk.locator("body")).to_contain_text(ORDER)
    expect(desk.locator(".bb.pic img")).to_have_count(2)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_change_of_address_waits_until_somebody_approves_it(browser: Browser, demo: Running, width: str) -> None:
    customer, order, mobile = OWN[width]
    phone = phone_of(browser, demo, customer, width)
    write(phone, "我要更改貸款帳單的聯絡地址")
    hears(phone, "手機號碼")
    write(phone, mobile)
    hears(phone, "想改成什麼|要改成什麼")
    write(phone, "台北市中正路三段二號")
    hears(phone, "末三碼")
    write(phone, order)
    hears(phone, "請再傳訂購電話的末三碼")
    write(phone, mobile[-3:])
    hears(phone, "身分確認好了")
    number = case_of(phone)
    expect(phone.locator("#thread").get_by_text(re.compile("已經依您的要求更新"))).to_have_count(0)

    desk = desk_at(browser, demo, number, width)
    prepared = desk.locator(".prepared")
    expect(prepared).to_contain_text(f"訂單 {order} 和訂購電話末三碼相符")
    expect(prepared).to_contain_text("台北市中正路三段二號")
    prepared.get_by_role("button", name=re.compile("核准")).first.click()
    expect(prepared).to_contain_text("這裡不能直接改")
    prepared.get_by_role("button", name="已經改好，告訴顧客").click()
    hears(phone, "已經依您的要求更新")
