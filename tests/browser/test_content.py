"""Content staff at work, by clicks: what nobody could answer is answered, reviewed, published, and taken back.

The shop's repository teaches three intents, so that a release takes seconds; everything else is the whole program.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests import teaching
from tests.browser.test_board import signed_in
from tests.browser.test_first_story import page_of, play, write
from tests.running import Running, running

CUSTOMER = "黃柏翰"
QUESTION = "蘭嶼也能寄嗎要加多少"
ALIKE = [f"{island}也能寄嗎要加多少" for island in ("綠島", "馬祖", "金門", "澎湖", "東引")]
DRAFT, ANSWER = "離島都可以寄。", "離島都可以寄，每件加 150 元，約 5 到 7 天到。"
SECONDS = 1000


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("content")
    program = teaching.repository(home / "program")
    with running(home / "data", PYTHONPATH=str(program), OWN_NETWORKS="127.0.0.0/8") as started:
        yield started


def bot_says(phone: Page, words: str | re.Pattern[str]) -> Locator:
    return phone.locator("#thread").get_by_text(words)


def built(member: Page, demo: Running, note: str) -> None:
    """A release of the sentences as they are; the page shows by itself when it is there."""
    member.goto(f"{demo.url}/content/releases")
    member.get_by_label("這一版改了什麼").fill(note)
    member.get_by_role("button", name="建立版本").click()
    expect(member.locator("section[aria-labelledby=build]")).to_contain_text(
        re.compile("通過|中斷"), timeout=60 * SECONDS
    )


def test_a_question_nobody_could_answer_is_answered_and_a_release_is_taken_back(
    browser: Browser, demo: Running
) -> None:
    phone = page_of(browser, "narrow")
    phone.goto(f"{demo.url}/simulator")
    play(phone, CUSTOMER, "narrow")
    write(phone, QUESTION)
    expect(bot_says(phone, re.compile("不確定您的意思"))).to_have_count(1)

    editor = signed_in(browser, demo, "許庭瑋", "/content/unanswered")
    group = editor.locator("section.group", has_text=QUESTION)
    group.get_by_role("combobox", name="意圖").select_option("shipping_fee")
    group.get_by_text("寫成常見問題").click()
    group.get_by_label("答案（先存成草稿）").fill(DRAFT)
    group.get_by_role("button", name="存成草稿").click()
    expect(editor.get_by_role("status")).to_contain_text("已存成常見問題的草稿")

    editor.goto(f"{demo.url}/content/articles?q={QUESTION}")
    editor.get_by_role("link", name=re.compile(QUESTION)).click()
    article = editor.url
    expect(editor.locator("#looks")).to_contain_text(DRAFT)
    editor.get_by_role("button", name="送審").click()
    expect(editor.get_by_text("等審核或主管核准。")).to_be_visible()

    reviewer = signed_in(browser, demo, "何律師", article.removeprefix(demo.url))
    reviewer.get_by_label("退回時寫下要改什麼").fill("要寫加多少錢、幾天到。")
    reviewer.get_by_role("button", name="退回").click()
    editor.goto(article)
    expect(editor.locator(".cmt")).to_contain_text("要寫加多少錢、幾天到。")
    editor.get_by_label("短答的一種說法").first.fill(ANSWER)
    expect(editor.locator("#looks")).to_contain_text(ANSWER)
    expect(editor.locator("#kept")).to_contain_text("已自動儲存")
    editor.get_by_role("button", name="標示已修改").click()
    editor.get_by_role("button", name="送審").click()
    expect(editor.get_by_text("等審核或主管核准。")).to_be_visible()
    reviewer.goto(article)
    reviewer.get_by_role("button", name="核准").click()
    reviewer.get_by_role("button", name="上線").click()
    expect(reviewer.locator("[aria-current=step]")).to_contain_text("已上線")

    editor.goto(f"{demo.url}/content/intents/shipping_fee")
    editor.get_by_label(re.compile("新增例句")).fill("\n".join([QUESTION, *ALIKE]))
    editor.get_by_role("button", name="加入").click()
    built(editor, demo, "離島的問法")
    expect(editor.locator("section[aria-labelledby=choices]")).to_contain_text("離島的問法")
    reviewer.goto(f"{demo.url}/content/releases")
    reviewer.locator(".line", has_text="離島的問法").get_by_role("button", name="上線").click()
    expect(reviewer.get_by_role("status")).to_contain_text("已上線")
    editor.goto(f"{demo.url}/content/intents/shipping_fee")
    editor.get_by_label("輸入一句話").fill(QUESTION)
    expect(editor.locator("#tried")).to_contain_text(ANSWER)
    write(phone, QUESTION)
    expect(bot_says(phone, ANSWER)).to_have_count(1)

    other = signed_in(browser, demo, "林佩蓉", "/content/intents/stock_availability")
    other.get_by_text("整個併入另一個意圖").click()
    other.get_by_role("combobox", name="併入哪個意圖").select_option("damaged_item")
    other.get_by_role("button", name=re.compile("都併過去")).click()
    built(other, demo, "少一個意圖")
    refused = other.locator("section[aria-labelledby=build]")
    expect(refused).to_contain_text("未通過")
    expect(refused).to_contain_text("荔枝還有貨嗎")
    expect(other.locator("section[aria-labelledby=choices]")).not_to_contain_text("少一個意圖")

    reviewer.goto(f"{demo.url}/content/releases")
    reviewer.locator(".line", has_text="出廠的例句").get_by_role("button", name="回到此版").click()
    expect(reviewer.locator(".line", has_text="出廠的例句").get_by_text("線上", exact=True)).to_be_visible()
    write(phone, QUESTION)
    expect(bot_says(phone, re.compile("不確定您的意思"))).to_have_count(2)
    expect(bot_says(phone, ANSWER)).to_have_count(1)
