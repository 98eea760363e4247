"""Content staff at work, by clicks: what nobody could answer is answered, reviewed, published, and taken back; and what
they typed outlives their browser.

The shop's repository teaches three intents, so that a release takes seconds; everything else is the whole program.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests import teaching
from tests.browser.test_first_story import page_of, play, write
from tests.running import Running, running

CUSTOMER = "黃柏翰"
QUESTION = "蘭嶼也能寄嗎要加多少"
ALIKE = [f"{island}也能寄嗎要加多少" for island in ("綠島", "馬祖", "金門", "澎湖", "東引")]
DRAFT, ANSWER = "離島都可以寄。", "離島都可以寄，每件加 150 元，約 5 到 7 天到。"
ASKS_BACK = re.compile("不確定您的意思")
A_BUILD = 60_000  # milliseconds


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("content")
    program = teaching.repository(home / "program")
    with running(home / "data", program, PYTHONPATH=str(program), OWN_NETWORKS="127.0.0.0/8") as started:
        yield started


def member(browser: Browser, url: str, username: str) -> Page:
    """Somebody who keeps the content, signed in."""
    screen = page_of(browser, "wide")
    screen.goto(f"{url}/sign-in")
    sign_in(screen, username)
    return screen


def sign_in(screen: Page, username: str) -> None:
    screen.locator("#username").fill(username)
    screen.locator("#password").fill("frontline")
    screen.keyboard.press("Enter")
    screen.wait_for_url(lambda address: "sign-in" not in address)


def bot_says(phone: Page, words: str | re.Pattern[str]) -> Locator:
    return phone.locator("#thread").get_by_text(words)


def draft_from_unanswered(editor: Page, url: str) -> str:
    """What nobody could answer becomes an article; its address."""
    editor.goto(f"{url}/content/unanswered")
    group = editor.locator("section.group", has_text=QUESTION)
    group.get_by_role("combobox", name="意圖").select_option("shipping_fee")
    group.get_by_text("寫成常見問題").click()
    group.get_by_label("答案（先存成草稿）").fill(DRAFT)
    group.get_by_role("button", name="存成草稿").click()
    expect(editor.get_by_role("status")).to_contain_text("已存成常見問題的草稿")
    editor.goto(f"{url}/content/articles?q={QUESTION}")
    editor.get_by_role("link", name=re.compile(QUESTION)).click()
    expect(editor.locator("#looks")).to_contain_text(DRAFT)
    return editor.url


def review(editor: Page, reviewer: Page, article: str) -> None:
    """Sent to review, sent back with a wish, mended, approved, published."""
    editor.get_by_role("button", name="送審").click()
    expect(editor.get_by_text("等審核或主管核准。")).to_be_visible()
    reviewer.goto(article)
    reviewer.get_by_label("退回時寫下要改什麼").fill("要寫加多少錢、幾天到。")
    reviewer.get_by_role("button", name="退回修改").click()
    expect(reviewer.locator(".cmt")).to_contain_text("要寫加多少錢、幾天到。")
    editor.goto(article)
    expect(editor.locator(".cmt")).to_contain_text("要寫加多少錢、幾天到。")
    editor.locator("[name=wording]").first.fill(ANSWER)
    expect(editor.locator("#looks")).to_contain_text(ANSWER)
    editor.get_by_role("button", name="送審").click()
    expect(editor.get_by_text("等審核或主管核准。")).to_be_visible()
    reviewer.goto(article)
    reviewer.get_by_role("button", name="核准").click()
    reviewer.get_by_role("button", name="上線", exact=True).click()
    expect(reviewer.locator("[aria-current=step]")).to_contain_text("已上線")


def teach(editor: Page, url: str) -> None:
    editor.goto(f"{url}/content/intents/shipping_fee")
    editor.get_by_label(re.compile("新增例句")).fill("\n".join([QUESTION, *ALIKE]))
    editor.get_by_role("button", name="加入").click()
    expect(editor.get_by_role("status")).to_be_visible()


def build(editor: Page, url: str, note: str, outcome: str) -> Locator:
    """A release of the sentences as they are; the page shows by itself what came of it."""
    editor.goto(f"{url}/content/releases")
    editor.get_by_label("這一版改了什麼").fill(note)
    editor.get_by_role("button", name="建立版本").click()
    made = editor.locator("section[aria-labelledby=build]")
    expect(made.locator(".ph3 .chip")).to_have_text(outcome, timeout=A_BUILD)
    expect(made).to_contain_text(note)
    return made


def try_beside(editor: Page, url: str, note: str) -> None:
    """What would this release do with it, and what does the live one?"""
    editor.goto(f"{url}/content/releases")
    line = editor.locator("section[aria-labelledby=choices] .line", has_text=note)
    line.get_by_role("link", name=re.compile("試試")).click()
    editor.get_by_label("輸入一句話").fill(QUESTION)
    expect(editor.get_by_role("region", name="這一版")).to_contain_text(ANSWER)
    expect(editor.get_by_role("region", name="線上版本")).not_to_contain_text(ANSWER)


def activate(reviewer: Page, url: str, note: str, verb: str) -> None:
    reviewer.goto(f"{url}/content/releases")
    line = reviewer.locator("section[aria-labelledby=choices] .line", has_text=note)
    line.get_by_role("button", name=verb).click()
    expect(reviewer.get_by_role("status")).to_contain_text("已上線")
    expect(line.locator(".chip")).to_have_text("線上")


def try_it(editor: Page, url: str) -> None:
    """What would the bot do with it now?"""
    editor.goto(f"{url}/content/intents/shipping_fee")
    editor.get_by_label("輸入一句話").fill(QUESTION)
    expect(editor.locator("#tried")).to_contain_text(ANSWER)


def spoil(other: Page, url: str) -> None:
    """All sentences about stock become complaints about broken goods."""
    other.goto(f"{url}/content/intents/stock_availability")
    other.get_by_text("整個併入另一個意圖").click()
    other.get_by_role("combobox", name="併入哪個意圖").select_option("damaged_item")
    other.get_by_role("button", name=re.compile("都併過去")).click()
    expect(other.get_by_role("status")).to_contain_text("已全部併入")


def test_what_nobody_could_answer_is_answered_and_what_is_worse_is_refused_and_rolled_back(
    browser: Browser, demo: Running
) -> None:
    phone = page_of(browser, "narrow")
    phone.goto(f"{demo.url}/simulator")
    play(phone, CUSTOMER, "narrow")
    write(phone, QUESTION)
    expect(bot_says(phone, ASKS_BACK)).to_have_count(1)

    editor, reviewer, other = (member(browser, demo.url, name) for name in ("hsu", "ho", "lin"))
    article = draft_from_unanswered(editor, demo.url)
    review(editor, reviewer, article)
    teach(editor, demo.url)
    build(editor, demo.url, "離島的問法", "通過")
    try_beside(editor, demo.url, "離島的問法")
    activate(reviewer, demo.url, "離島的問法", "上線")
    try_it(editor, demo.url)
    write(phone, QUESTION)
    expect(bot_says(phone, ANSWER)).to_have_count(1)

    spoil(other, demo.url)
    refused = build(other, demo.url, "少一個意圖", "未通過")
    expect(refused).to_contain_text("荔枝還有貨嗎")
    expect(other.locator("section[aria-labelledby=choices]")).not_to_contain_text("少一個意圖")

    activate(reviewer, demo.url, "出廠的例句", "回到此版")
    write(phone, QUESTION)
    expect(bot_says(phone, ASKS_BACK)).to_have_count(2)
    expect(bot_says(phone, ANSWER)).to_have_count(1)


def test_sentences_that_another_intent_would_pull_are_seen_on_the_page(browser: Browser, demo: Running) -> None:
    editor = member(browser, demo.url, "hsu")
    pulled = "要買牛奶要付運費嗎"
    editor.goto(f"{demo.url}/content/intents/damaged_item")
    editor.get_by_label(re.compile("新增例句")).fill(pulled)
    editor.get_by_role("button", name="加入").click()
    line = editor.locator(".lines li", has_text=pulled)
    expect(line.locator(".alike.pulled")).to_contain_text("較像「")
    expect(editor.locator(".lines .alike svg").nth(3)).to_be_visible()
    line.get_by_role("checkbox").check()
    editor.get_by_role("button", name="移除勾選的").click()
    expect(editor.get_by_role("status")).to_contain_text("已移除")


def comes_back(editor: Page) -> Page:
    """The browser was closed, and is open again."""
    again = editor.context.new_page()
    editor.close()
    return again


REFUSED = """Object.defineProperty(window, "localStorage", {
  get() { throw new DOMException("refused", "SecurityError"); } })"""


def test_who_writes_asks_it_before_it_is_live_and_hears_what_is_there_already(browser: Browser, demo: Running) -> None:
    editor = member(browser, demo.url, "hsu")
    begun(editor, demo.url, "冷凍商品寄離島運費怎麼算？")
    editor.locator("[name=intent]").select_option("shipping_fee")
    editor.locator("[name=wording]").first.fill("冷凍寄離島每件 300 元。")
    expect(editor.locator("#looks .as-line")).to_contain_text("冷凍寄離島每件 300 元。")
    asked = editor.get_by_label("顧客會怎麼問？")
    asked.fill("冷凍商品寄離島運費怎麼算\n我要找真人")
    asked.press("Tab")
    editor.keyboard.press("Enter")
    expect(editor.locator("#asked")).to_contain_text("／2 句會用這篇回答")
    expect(editor.locator("#asked")).to_contain_text("聽成「運費怎麼算」")
    expect(editor.locator("#asked")).to_contain_text("直接找真人")
    editor.get_by_label("問題（顧客看得到）").fill("運費怎麼算？運費、郵費多少？滿多少免運、包郵？")
    expect(editor.locator("#looks .chk")).to_contain_text("問的很像")
    editor.locator("[name=wording]").first.fill("冷凍寄離島每件 350 元。")
    expect(editor.locator("#looks .as-line")).to_contain_text("冷凍寄離島每件 350 元。")
    expect(editor.locator("#looks .chk")).to_contain_text("問的很像")
    with editor.expect_navigation():
        editor.locator("#looks").get_by_role("link", name="看那一篇").first.click()
    expect(editor.get_by_label("問題（顧客看得到）")).to_have_value(re.compile("運費"))


def test_where_the_browser_keeps_nothing_the_page_works_all_the_same(browser: Browser, demo: Running) -> None:
    editor = member(browser, demo.url, "hsu")
    editor.add_init_script(REFUSED)
    editor.goto(f"{demo.url}/content/intents/shipping_fee")
    editor.get_by_label("輸入一句話").fill("蘋果運費怎麼算")
    expect(editor.locator("#tried")).to_contain_text("意圖")


def test_what_nobody_came_back_for_in_a_fortnight_is_forgotten(browser: Browser, demo: Running) -> None:
    editor, old = member(browser, demo.url, "hsu"), "frontline:typed:1:contact:7"
    day = 24 * 60 * 60 * 1000
    for days, left in ((13, True), (15, False)):
        at = f"JSON.stringify({{ at: Date.now() - {days * day}, held: [] }})"
        editor.evaluate(f"localStorage.setItem('{old}', {at})")
        editor.goto(f"{demo.url}/content/contacts")
        assert (editor.evaluate(f"localStorage.getItem('{old}')") is not None) == left


def test_what_was_typed_and_not_saved_is_back_and_overwrites_no_colleague(browser: Browser, demo: Running) -> None:
    editor, other = (member(browser, demo.url, name) for name in ("hsu", "lin"))
    contacts = f"{demo.url}/content/contacts"
    back = "打的內容還沒儲存，已經放回來了"
    editor.goto(contacts)
    editor.get_by_label("部門或窗口").fill("倉庫")
    editor.get_by_label("電話").fill("02-2345-6789")
    editor = comes_back(editor)
    editor.goto(contacts)
    expect(editor.get_by_text(back)).to_be_visible()
    expect(editor.get_by_label("電話")).to_have_value("02-2345-6789")
    editor.get_by_role("button", name="儲存").click()
    expect(editor.get_by_role("status")).to_contain_text("已儲存")
    expect(editor.get_by_label("部門或窗口")).to_have_value("")

    editor.get_by_role("link", name="改「倉庫」").click()
    other.goto(editor.url)
    editor.get_by_label("服務時間").fill("平日 9:00-18:00")
    other.get_by_label("電話").fill("02-1111-2222")
    other.get_by_role("button", name="儲存").click()
    address, editor = editor.url, comes_back(editor)
    editor.goto(address)
    expect(editor.get_by_text(back)).to_be_visible()
    editor.get_by_role("button", name="儲存").click()
    expect(editor.locator("table.sides").first).to_contain_text("02-1111-2222")
    expect(editor.get_by_label("服務時間")).to_have_value("平日 9:00-18:00")
    expect(editor.get_by_text(back)).to_be_hidden()
    editor.get_by_role("button", name="儲存").click()
    expect(editor.get_by_role("status")).to_contain_text("已儲存")

    editor.get_by_label("部門或窗口").fill("會計")
    editor.context.clear_cookies()
    editor.get_by_role("button", name="儲存").click()
    expect(editor.get_by_label("部門或窗口")).to_have_count(0)
    editor.goto(f"{demo.url}/sign-in")
    sign_in(editor, "hsu")
    editor.goto(contacts)
    expect(editor.get_by_label("部門或窗口")).to_have_value("會計")
    editor.get_by_role("button", name="捨棄，用現在存著的").click()
    expect(editor.get_by_label("部門或窗口")).to_be_focused()
    expect(editor.get_by_label("部門或窗口")).to_have_value("")
    editor.reload()
    expect(editor.get_by_label("部門或窗口")).to_have_value("")


def begun(editor: Page, url: str, question: str) -> str:
    """An article that somebody has begun, kept; its address."""
    editor.goto(f"{url}/content/articles")
    editor.get_by_role("button", name="新增").click()
    editor.get_by_label("問題（顧客看得到）").fill(question)
    expect(editor.locator("#kept")).to_contain_text("已自動儲存")
    return editor.url


def test_what_never_reached_the_server_is_back_in_the_article_with_all_its_wordings(
    browser: Browser, demo: Running
) -> None:
    editor = member(browser, demo.url, "hsu")
    article = begun(editor, demo.url, "包裝可以寫卡片嗎？")
    editor.context.set_offline(True)
    editor.locator("[name=wording]").first.fill("可以，最多三十個字。")
    editor.get_by_role("button", name="多一種說法").click()
    editor.locator("[name=wording]").nth(1).fill("可以寫，三十個字以內。")
    expect(editor.locator("#kept")).to_contain_text("你打的字有保留")
    editor = comes_back(editor)
    editor.context.set_offline(False)

    editor.goto(article)
    expect(editor.locator("#write [data-back]")).to_contain_text("打的內容還沒儲存，已經放回來了")
    expect(editor.locator("#write [data-back]")).to_be_visible()
    expect(editor.locator("[name=wording]").nth(1)).to_have_value("可以寫，三十個字以內。")
    expect(editor.locator("#looks .as-line")).to_contain_text("可以寫，三十個字以內。")
    editor.reload()
    expect(editor.locator("[name=wording]").nth(1)).to_have_value("可以寫，三十個字以內。")
    expect(editor.locator("#write [data-back]")).to_be_hidden()


def test_what_the_server_has_already_is_not_offered_nor_put_over_what_a_colleague_writes_later(
    browser: Browser, demo: Running
) -> None:
    editor, other = (member(browser, demo.url, name) for name in ("hsu", "lin"))
    article = begun(editor, demo.url, "可以刻字嗎？")
    editor.context.set_offline(True)
    editor.locator("[name=wording]").first.fill("可以，每字十元。 ")
    editor.locator("[name=passage]").first.fill("最多八個字。")
    expect(editor.locator("#kept")).to_contain_text("你打的字有保留")
    editor = comes_back(editor)
    editor.context.set_offline(False)
    for words in ("可以，每字十元。", "可以，每字五元。"):  # the same, and the day after
        other.goto(article)
        other.locator("[name=passage]").first.fill("最多八個字。")
        other.locator("[name=wording]").first.fill(words)
        expect(other.locator("#looks .as-line")).to_contain_text(words)
        editor.goto(article)
        expect(editor.locator("[name=wording]").first).to_have_value(words)
        expect(editor.locator("#write [data-back]")).to_be_hidden()


def test_what_did_not_arrive_is_saved_once_the_network_is_back(browser: Browser, demo: Running) -> None:
    editor = member(browser, demo.url, "hsu")
    begun(editor, demo.url, "可以代寄嗎？")
    editor.context.set_offline(True)
    editor.locator("[name=wording]").first.fill("可以，請留收件人。")
    expect(editor.locator("#kept")).to_contain_text("你打的字有保留")
    editor.context.set_offline(False)
    expect(editor.locator("#kept")).to_contain_text("已自動儲存")
    expect(editor.locator("#looks .as-line")).to_contain_text("可以，請留收件人。")


def test_what_a_server_that_failed_did_not_keep_is_sent_again_by_itself(browser: Browser, demo: Running) -> None:
    editor = member(browser, demo.url, "hsu")
    begun(editor, demo.url, "可以代客包裝嗎？")
    editor.route("**/draft", lambda route: route.fulfill(status=500, body="<main><h1>系統異常</h1></main>"), times=1)
    editor.locator("[name=wording]").first.fill("可以，請在備註說明。")
    expect(editor.locator("#kept")).to_contain_text("你打的字有保留")
    expect(editor.locator("#unkept")).to_be_hidden()
    expect(editor.locator("#asked")).to_be_empty()
    expect(editor.locator("#kept")).to_contain_text("已自動儲存", timeout=15_000)
    expect(editor.locator("#looks .as-line")).to_contain_text("可以，請在備註說明。")


def test_who_writes_while_the_server_fails_is_told_so_loses_nothing_and_asks_it_ever_less(
    browser: Browser, demo: Running
) -> None:
    editor = member(browser, demo.url, "hsu")
    article = begun(editor, demo.url, "可以改收件人嗎？")
    saves: list[str] = []
    failing = "**/draft"

    def fail(route: Route) -> None:
        saves.append(route.request.url)
        route.fulfill(status=500, body="<main><h1>系統異常</h1></main>")

    editor.clock.install()
    editor.route(failing, fail)
    told = editor.locator("#unkept")
    with editor.expect_response(failing):
        editor.locator("[name=wording]").first.fill("出貨前可以。")
        editor.clock.run_for(1000)
    for pause in (5, 10):
        expect(told).to_be_hidden()
        with editor.expect_response(failing):
            editor.clock.run_for(pause * 1000)
    expect(told).to_contain_text("伺服器都沒有存到")
    expect(told).to_contain_text("你打的字留在這個瀏覽器裡")
    expect(told.get_by_role("link")).to_be_hidden()
    for pause in (20, 40, 60, 60):
        before = len(saves)
        editor.clock.run_for(pause * 500)
        assert len(saves) == before
        with editor.expect_response(failing):
            editor.clock.run_for(pause * 500)
    second = editor.context.new_page()
    second.goto(article)
    expect(second.locator("[name=wording]").first).to_have_value("出貨前可以。")
    second.close()
    editor.unroute(failing)
    told.get_by_role("button", name="現在再試").click()
    expect(editor.locator("#kept")).to_contain_text("已自動儲存")
    expect(told).to_be_hidden()
    expect(editor.locator("#looks .as-line")).to_contain_text("出貨前可以。")


def test_who_writes_where_neither_server_nor_browser_keeps_it_is_told_to_stay(browser: Browser, demo: Running) -> None:
    editor = member(browser, demo.url, "hsu")
    editor.add_init_script(REFUSED)
    begun(editor, demo.url, "可以改送貨時段嗎？")
    editor.clock.install()
    editor.route("**/draft", lambda route: route.abort())
    editor.locator("[name=wording]").first.fill("出貨前可以改。")
    expect(editor.locator("#kept")).to_contain_text("先別關這一頁")
    editor.clock.run_for(16_000)
    expect(editor.locator("#unkept")).to_contain_text("把寫的字複製到別處")
    editor.unroute("**/draft")
    editor.clock.run_for(60_000)
    expect(editor.locator("#kept")).to_contain_text("已自動儲存")
    expect(editor.locator("#unkept")).to_be_hidden()


def test_who_asks_a_server_that_fails_is_told_what_it_says(browser: Browser, demo: Running) -> None:
    editor = member(browser, demo.url, "hsu")
    begun(editor, demo.url, "可以加提袋嗎？")
    editor.route("**/ask", lambda route: route.fulfill(status=500, body="<main><h1>系統異常</h1></main>"), times=1)
    editor.locator("#ask button").click()
    expect(editor.locator("#asked")).to_contain_text("系統異常")
    editor.locator("#ask button").click()
    expect(editor.locator("#asked")).to_contain_text("這篇還沒有短答")


def test_whose_answer_was_lost_is_no_stranger_to_himself(browser: Browser, demo: Running) -> None:
    """The server saves, and nobody hears it: as the network dies, or the browser."""
    editor = member(browser, demo.url, "hsu")
    article = begun(editor, demo.url, "可以退差價嗎？")

    def swallowed(route: Route) -> None:
        route.fetch()
        route.abort()

    editor.route("**/draft", swallowed)
    editor.locator("[name=wording]").first.fill("七天內可以。")
    expect(editor.locator("#kept")).to_contain_text("你打的字有保留")
    editor.locator("[name=wording]").first.fill("七天內可以，請附發票。")
    expect(editor.locator("#kept")).to_contain_text("你打的字有保留")
    editor.context.set_offline(True)
    editor.locator("[name=wording]").first.fill("七天內可以，附上發票。")
    editor = comes_back(editor)
    editor.context.set_offline(False)
    editor.goto(article)
    expect(editor.locator("#kept")).to_contain_text("已自動儲存")
    expect(editor.locator("#unkept")).to_be_hidden()
    editor.reload()
    expect(editor.locator("[name=wording]").first).to_have_value("七天內可以，附上發票。")


def test_what_is_open_twice_is_never_saved_over_itself(browser: Browser, demo: Running) -> None:
    """The network is gone for one tab, whose words stand in a second one; then both are there."""
    first = member(browser, demo.url, "hsu")
    article = begun(first, demo.url, "可以分期嗎？")
    first.route("**/draft", lambda route: route.abort())
    first.locator("[name=wording]").first.fill("可以，三期。")
    expect(first.locator("#kept")).to_contain_text("你打的字有保留")
    second = first.context.new_page()
    second.goto(article)
    expect(second.locator("#write [data-back]")).to_be_visible()
    second.locator("[name=wording]").first.fill("可以，六期。")
    expect(second.locator("#looks .as-line")).to_contain_text("可以，六期。")
    first.unroute("**/draft")
    for words in ("可以，三期，免息。", "可以，三期，免利息。"):
        with first.expect_response("**/draft") as answer:
            first.locator("[name=wording]").first.fill(words)
        assert answer.value.status == 409
    expect(first.get_by_role("button", name="看兩邊")).to_be_visible()
    other = member(browser, demo.url, "lin")
    other.goto(article)
    expect(other.locator("[name=wording]").first).to_have_value("可以，六期。")


def test_what_the_server_refuses_is_told_as_that_with_its_mend_and_not_asked_again(
    browser: Browser, demo: Running
) -> None:
    editor = member(browser, demo.url, "hsu")
    begun(editor, demo.url, "可以開收據嗎？")
    saves: list[str] = []
    editor.on("request", lambda request: saves.append(request.url) if request.url.endswith("/draft") else None)
    told, wording = editor.locator("#unkept"), editor.locator("[name=wording]").first
    wording.fill(21_000 * "長")
    expect(told).to_contain_text("整篇超過 20000 個字，拆成幾篇")
    expect(editor.locator("#kept")).to_contain_text("沒有存到")
    editor.evaluate("dispatchEvent(new Event('online'))")
    assert len(saves) == 1
    wording.fill("可以。")
    expect(editor.locator("#kept")).to_contain_text("已自動儲存")
    expect(told).to_be_hidden()
    editor.locator("#write [name=csrf_token]").evaluate("token => (token.value = 'of long ago')")
    wording.fill("可以，下單時註明。")
    expect(told).to_contain_text("表單已經失效")
    editor.evaluate("dispatchEvent(new Event('online'))")
    assert len(saves) == 3
    told.get_by_role("link", name="重新整理").click()
    expect(editor.locator("#write [data-back]")).to_be_visible()
    expect(editor.locator("#looks .as-line")).to_contain_text("可以，下單時註明。")


def test_whose_session_ended_is_told_to_sign_in_and_finds_his_words_again(browser: Browser, demo: Running) -> None:
    editor = member(browser, demo.url, "hsu")
    article = begun(editor, demo.url, "可以改發票嗎？")
    editor.context.clear_cookies()
    editor.locator("[name=wording]").first.fill("當月可以改。")
    expect(editor.locator("#unkept")).to_contain_text("登入已經過期")
    expect(editor.locator("[name=wording]").first).to_have_value("當月可以改。")
    editor.get_by_role("link", name="重新登入").click()
    sign_in(editor, "hsu")
    editor.wait_for_url(article)
    expect(editor.locator("[name=wording]").first).to_have_value("當月可以改。")
    expect(editor.locator("#looks .as-line")).to_contain_text("當月可以改。")


def test_what_was_put_back_can_be_let_go_of(browser: Browser, demo: Running) -> None:
    editor = member(browser, demo.url, "hsu")
    article = begun(editor, demo.url, "可以自取嗎？")
    editor.context.set_offline(True)
    editor.get_by_label("問題（顧客看得到）").fill("可以改天自取嗎？")
    expect(editor.locator("#kept")).to_contain_text("你打的字有保留")
    editor = comes_back(editor)
    editor.context.set_offline(False)
    editor.goto(article)
    expect(editor.locator("#looks .as-line")).to_contain_text("可以改天自取嗎？")
    editor.get_by_role("button", name="捨棄，用現在存著的").click()
    expect(editor.locator("#looks .as-line")).to_contain_text("可以自取嗎？")
    editor.reload()
    expect(editor.get_by_label("問題（顧客看得到）")).to_have_value("可以自取嗎？")


def test_of_what_two_wrote_neither_is_saved_over_the_other_while_both_are_shown(
    browser: Browser, demo: Running
) -> None:
    editor, other = (member(browser, demo.url, name) for name in ("hsu", "lin"))
    article = begun(editor, demo.url, "可以貨到付款嗎？")
    other.goto(article)
    other.locator("[name=wording]").first.fill("可以，手續費 30 元。")
    expect(other.locator("#looks .as-line")).to_contain_text("手續費 30 元")
    editor.locator("[name=wording]").first.fill("目前不行。")
    expect(editor.get_by_role("button", name="看兩邊")).to_be_visible()
    editor = comes_back(editor)
    editor.goto(article)
    expect(editor.locator("[name=wording]").first).to_have_value("目前不行。")  # what was refused is kept here
    editor.get_by_role("button", name="看兩邊").click()
    expect(editor.locator("table.sides").first).to_contain_text("手續費 30 元")
    assert editor.locator("#write").get_attribute("hx-post") is None
    other.reload()
    expect(other.locator("[name=wording]").first).to_have_value("可以，手續費 30 元。")
    editor.get_by_role("link", name="用現在存著的").click()
    expect(editor.locator("[name=wording]").first).to_have_value("可以，手續費 30 元。")
    expect(editor.locator("#write [data-back]")).to_be_hidden()
