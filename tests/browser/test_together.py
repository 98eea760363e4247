"""Two colleagues at one case: each sees the other, whispers stay between them, nothing typed is lost, no gap stays."""

import re
from datetime import timedelta

from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from bot.clock import now
from bot.models import Message
from handoff.models import Ticket
from tests.browser.test_board import inside, signed_in
from tests.browser.test_first_story import page_of, play, write
from tests.running import Running

CUSTOMER = "黃柏翰"
LENGTH = 2000


def asks(browser: Browser, demo: Running, customer: str) -> tuple[Page, str]:
    """A customer who wants a person, and the case's number."""
    phone = page_of(browser, "wide")
    phone.goto(f"{demo.url}/simulator")
    play(phone, customer, "wide")
    write(phone, "我要找真人")
    promise = phone.get_by_text(re.compile(r"CS-\d{6}-\d{4}")).first
    expect(promise).to_be_visible()
    number = re.search(r"CS-\d{6}-\d{4}", promise.inner_text())
    assert number
    return phone, number[0]


def test_they_see_each_other_and_answer_the_customer_once(browser: Browser, demo: Running) -> None:
    phone, number = asks(browser, demo, CUSTOMER)
    wang = signed_in(browser, demo, "王志豪", "/console")
    wang.locator(".li", has_text=CUSTOMER).first.click()
    wang.get_by_role("button", name="接手這件案件").click()
    lin = signed_in(browser, demo, "林佩蓉", "/console")
    lin.locator(".li", has_text=CUSTOMER).first.click()
    expect(wang.locator("#company")).to_contain_text("林佩蓉 也在看")
    expect(lin.locator("#company")).to_contain_text("王志豪 也在看")

    hers, his = (desk.get_by_label(f"寫給{CUSTOMER}") for desk in (lin, wang))
    hers.press_sequentially("您好，我先看一下")
    expect(wang.locator("#writers")).to_contain_text("林佩蓉 正在寫回覆")
    his.fill("您好，馬上查")
    expect(wang.get_by_text("林佩蓉也正在寫回覆。送出前先說好由誰回。")).to_be_visible()
    hers.press("Control+Enter")
    expect(wang.get_by_text(re.compile("林佩蓉剛剛回覆了顧客"))).to_be_visible()
    his.press("Control+Enter")
    expect(wang.get_by_role("alert").get_by_text(re.compile("林佩蓉剛剛回覆了顧客"))).to_be_visible()
    expect(his).to_have_value("您好，馬上查")
    wang.get_by_role("button", name="看新訊息").locator("visible=true").first.click()
    his.press("Control+Enter")
    expect(phone.locator("#thread").get_by_text("您好，馬上查")).to_be_visible()
    expect(his).to_have_value("")

    lin.get_by_role("tab", name="耳語").click()
    lin.get_by_label("只說給王志豪聽").fill("先確認有沒有受傷")
    lin.get_by_role("button", name="耳語給他").click()
    expect(wang.locator(".inn.whisper")).to_contain_text("先確認有沒有受傷")
    expect(phone.get_by_text("先確認有沒有受傷")).to_have_count(0)
    lin.goto(f"{demo.url}/console")
    expect(wang.locator("#company")).not_to_contain_text("林佩蓉")

    his.fill("寫到一半")
    with wang.expect_response("**/api/v1/stream*"):
        wang.reload()
    expect(his).to_have_value("寫到一半")
    wang.context.set_offline(True)
    expect(wang.get_by_text("連線中斷，正在重連。")).to_be_visible()
    his.press("Control+Enter")
    expect(wang.get_by_text("沒有成功：伺服器沒有回應。")).to_be_visible()
    write(phone, "還在嗎")
    wang.context.set_offline(False)
    expect(wang.locator(".msgs").get_by_text("還在嗎")).to_be_visible()
    expect(his).to_have_value("寫到一半")  # neither sent behind his back nor lost
    expect(phone.locator("#thread").get_by_text("寫到一半")).to_have_count(0)

    wang.get_by_role("button", name="登出").click()
    wang.get_by_role("button", name=re.compile("林佩蓉")).click()
    wang.goto(f"{demo.url}/console/cases/{number}")
    expect(wang.get_by_label(f"寫給{CUSTOMER}")).to_have_value("")  # his draft is not hers


def test_a_long_thread_is_read_back_without_a_jump_and_an_old_hit_is_shown(browser: Browser, demo: Running) -> None:
    _, number = asks(browser, demo, "林淑芬")
    with inside(demo) as session:
        case = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        for n in range(LENGTH):
            session.add(
                Message(
                    conversation_id=case.conversation_id,
                    author=("customer", "bot")[n % 2],
                    text="統編是 12345675" if n == 3 else f"第 {n} 則",
                    created_at=now() - timedelta(minutes=LENGTH - n),
                )
            )
    desk = signed_in(browser, demo, "王志豪", "/console")
    desk.goto(f"{demo.url}/console/cases/{number}")
    expect(desk.locator(".bb", has_text=f"第 {LENGTH - 1} 則")).to_be_in_viewport()
    anchor = desk.locator(".bb", has_text=f"第 {LENGTH - 290} 則")
    desk.locator("#msgs").evaluate("box => (box.scrollTop = 700)")
    seen = anchor.bounding_box()
    expect(desk.locator(".bb", has_text=f"第 {LENGTH - 500} 則")).to_be_attached()
    moved = anchor.bounding_box()
    assert seen
    assert moved
    assert abs(seen["y"] - moved["y"]) < 2

    desk.locator("#list").get_by_role("searchbox").fill("統編")
    desk.keyboard.press("Enter")
    desk.locator("#found-messages a").first.click()
    expect(desk.locator(".bb.sought", has_text="統編是 12345675")).to_be_in_viewport()
    expect(desk.locator(".bb", has_text="第 4 則")).to_be_attached()
