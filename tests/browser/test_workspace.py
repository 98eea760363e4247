"""An agent's hands stay on the keyboard: find what a customer said, and answer with a template."""

import re

from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.test_first_story import page_of, play, write
from tests.pictures import picture
from tests.running import Running

CUSTOMER = "Emily Tsai"
NEWCOMER = "陳怡君"


def test_a_message_is_found_and_answered_with_a_template_by_keyboard_alone(browser: Browser, demo: Running) -> None:
    phone, desk = page_of(browser, "wide"), page_of(browser, "wide")
    phone.goto(f"{demo.url}/simulator")
    play(phone, CUSTOMER, "wide")
    write(phone, "玻璃破了，我要找真人")
    expect(phone.get_by_text(re.compile(r"CS-\d{6}-\d{4}")).first).to_be_visible()

    desk.goto(f"{demo.url}/console")
    desk.get_by_role("button", name=re.compile("王志豪")).click()
    desk.wait_for_url("**/console")  # and what listens for keys is there
    desk.keyboard.press("/")
    desk.keyboard.type("玻璃")
    desk.keyboard.press("Enter")
    expect(desk.locator("mark", has_text="玻璃").first).to_be_visible()
    found = desk.locator("#rows [data-row]")
    for place in range(2):  # the case, and then what was said in it
        desk.keyboard.press("j")
        expect(found.nth(place)).to_have_class(re.compile(r"\bon\b"))
    desk.locator("#found-messages a").first.focus()
    comes_slowly(desk)
    expect(desk.locator(".bb.sought", has_text="玻璃破了")).to_be_in_viewport()
    write(phone, "碎片還在盒子裡")
    expect(desk.locator(".bb", has_text="碎片還在盒子裡")).to_be_attached()
    expect(desk.locator(".bb.sought", has_text="玻璃破了")).to_be_attached()  # though the thread was drawn again

    claim, reply = desk.locator('[data-action="claim"]'), desk.get_by_label(f"寫給{CUSTOMER}")
    expect(claim).to_be_attached()
    desk.keyboard.press("c")
    expect(claim).not_to_be_attached()
    expect(reply).to_be_focused()
    desk.keyboard.type("/退款")
    picker = desk.get_by_role("listbox", name="回覆範本")
    expect(picker.get_by_role("option", selected=True)).to_contain_text("退款：已送出")
    desk.keyboard.press("Enter")
    asked = [field.get_attribute("data-field") for field in desk.locator(".asks [data-field]").all()]
    for field in asked:
        expect(desk.locator(f'[data-field="{field}"]')).to_be_focused()
        desk.keyboard.type("1200" if field == "amount" else "5")
        desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    expect(reply).to_be_focused()
    expect(reply).to_have_value(re.compile(rf"^{CUSTOMER}您好，訂單 .+ 的退款 1,200 元"))
    desk.keyboard.press("Control+Enter")
    expect(phone.locator("#thread").get_by_text(re.compile("的退款 1,200 元已經送出"))).to_be_visible()

    desk.keyboard.press("Escape")
    desk.keyboard.press("n")
    desk.keyboard.type("@佩")
    expect(desk.get_by_role("listbox", name="提到同事").get_by_role("option", selected=True)).to_contain_text("林佩蓉")
    desk.keyboard.press("Enter")
    desk.keyboard.type("請看")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".inn.note", has_text="@林佩蓉 請看")).to_be_visible()
    desk.get_by_role("tab", name="回覆顧客").click()

    photo = {"name": "glass.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    phone.locator("#picture").set_input_files(photo)
    is_drawn(desk.locator(".mg[data-author=customer] .bb.pic img"))
    desk.locator("[data-file]").set_input_files(photo | {"name": "voucher.jpg"})
    is_drawn(desk.locator(".enclosure img"))
    desk.get_by_role("button", name="傳送").click()
    expect(desk.locator(".enclosure")).to_have_count(0)
    is_drawn(phone.locator("img.picture").nth(1))


def comes_slowly(desk: Page) -> None:
    """The network is slow when Enter opens a case: blocks stand where its parts will be, until it comes."""
    desk.route("**/console/cases/**", lambda _: None)  # nobody answers, until the detour is over
    desk.keyboard.press("Enter")
    expect(desk.locator("#coming")).to_be_visible()
    desk.unroute("**/console/cases/**")
    expect(desk.locator("#coming")).to_be_hidden()


def is_drawn(image: Locator) -> None:
    """The browser has got the picture, and shows it."""
    expect(image).to_have_js_property("complete", True)
    expect(image).not_to_have_js_property("naturalWidth", 0)


def test_a_new_case_is_in_its_place_before_the_list_is_fetched_and_does_not_move_then(
    browser: Browser, demo: Running
) -> None:
    phone, desk = page_of(browser, "wide"), page_of(browser, "wide")
    desk.goto(f"{demo.url}/console")
    desk.get_by_role("button", name=re.compile("王志豪")).click()
    waiting: list[Route] = []
    desk.route("**/console/list*", lambda route: waiting.append(route))
    with desk.expect_response("**/api/v1/stream*"):
        desk.goto(f"{demo.url}/console?view=all")
    phone.goto(f"{demo.url}/simulator")
    play(phone, NEWCOMER, "wide")
    write(phone, "有蟑螂，小孩吃了送急診，我要找真人")

    row = desk.locator("#rows li", has_text=NEWCOMER)
    expect(row.locator(".pv")).to_have_text(re.compile(r"^CS-\d{6}-\d{4}$"))
    expect(row.locator(".lv")).to_have_text("L1")
    number, place, size = row.locator(".pv").inner_text(), row.bounding_box(), row.get_attribute("id")
    row.locator("a").click()
    expect(desk.locator("#pane")).to_contain_text(number)
    desk.mouse.move(900, 400)
    for route in waiting:
        route.continue_()
    desk.unroute("**/console/list*")
    expect(row.locator(".pv")).to_have_text(re.compile("機器人：|送急診"))
    assert (row.bounding_box(), row.get_attribute("id")) == (place, size)


def test_a_text_with_an_unfilled_field_has_no_way_to_be_sent(browser: Browser, demo: Running) -> None:
    desk = page_of(browser, "narrow")
    desk.goto(f"{demo.url}/console?view=mine")
    desk.get_by_role("button", name=re.compile("王志豪")).click()
    desk.goto(f"{demo.url}/console?view=all")
    desk.locator(".li", has_text=CUSTOMER).first.click()
    reply = desk.get_by_label(f"寫給{CUSTOMER}")
    reply.fill("退款 {amount} 元")
    expect(desk.get_by_text("「amount」還沒填，填好再送出。")).to_be_visible()
    expect(desk.get_by_role("button", name="傳送")).to_be_disabled()
    reply.fill("退款 300 元")
    expect(desk.get_by_role("button", name="傳送")).to_be_enabled()


def test_what_cannot_be_looked_up_is_told_in_its_place(browser: Browser, demo: Running) -> None:
    desk = page_of(browser, "wide")
    desk.goto(f"{demo.url}/console?view=mine")
    desk.get_by_role("button", name=re.compile("王志豪")).click()
    desk.route("**/console/cases/*/knowledge*", lambda route: route.abort())
    desk.route("**/console/cases/*/orders*", lambda route: route.fulfill(status=502))
    desk.goto(f"{demo.url}/console?view=all")
    desk.locator(".li", has_text=CUSTOMER).first.click()
    expect(desk.locator(".hints", has_text="現在查不到。")).to_have_count(2)
    expect(desk.locator(".hints .blocks")).to_have_count(0)


def test_what_a_customer_writes_is_seen_while_something_is_still_being_looked_up(
    browser: Browser, demo: Running
) -> None:
    phone, desk = page_of(browser, "wide"), page_of(browser, "wide")
    phone.goto(f"{demo.url}/simulator")
    play(phone, CUSTOMER, "wide")
    desk.goto(f"{demo.url}/console?view=mine")
    desk.get_by_role("button", name=re.compile("王志豪")).click()
    waiting: list[Route] = []
    desk.route("**/console/cases/*/knowledge*", lambda route: waiting.append(route))
    desk.goto(f"{demo.url}/console?view=all")
    desk.locator(".li", has_text=CUSTOMER).first.click()
    expect(desk.locator(".hints .blocks")).not_to_have_count(0)
    write(phone, "我還在等您的回覆")
    expect(desk.locator(".bb", has_text="我還在等您的回覆")).to_be_attached()
    assert waiting


def test_two_customers_are_made_one_and_two_again_without_a_reload(browser: Browser, demo: Running) -> None:
    phone, desk = page_of(browser, "wide"), page_of(browser, "wide")
    phone.goto(f"{demo.url}/simulator")
    for customer in ("林淑芬", "吳承恩"):
        play(phone, customer, "wide")
        write(phone, "我要找真人")
        expect(phone.get_by_text(re.compile(r"CS-\d{6}-\d{4}")).last).to_be_visible()
    desk.goto(f"{demo.url}/console?view=all")
    desk.get_by_role("button", name=re.compile("林佩蓉")).click()
    for customer in ("林淑芬", "吳承恩"):
        desk.locator(".li", has_text=customer).click()
        expect(desk.locator("header.th h1")).to_have_text(customer)
        called_back(desk, "0912345678")
    desk.locator("#fold-same_person > summary").click()
    desk.get_by_text("合併為同一位…").click()
    desk.get_by_role("button", name="確定合併").click()
    expect(desk.get_by_text("林淑芬已合併進來")).to_be_visible()
    desk.get_by_text("分開…").click()
    desk.get_by_role("button", name="確定分開").click()
    expect(desk.get_by_text("林淑芬確認過同一個聯絡方式")).to_be_visible()
    desk.get_by_text("合併為同一位…").click()
    expect(desk.get_by_role("button", name="確定合併")).to_be_visible()


def called_back(desk: Page, number: str) -> None:
    """A colleague called the customer back at this number, and notes it."""
    desk.locator("#fold-verify > summary").click()
    desk.get_by_label("號碼或信箱").fill(number)
    desk.get_by_role("button", name="確認", exact=True).click()
    expect(desk.locator(".ways", has_text=number)).to_be_visible()
