"""Take the README's screenshots: start a demo on an empty folder, live through a short story, photograph it.

Needs Chromium. Everything runs on this machine; the demo is stopped at the end.
"""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

if TYPE_CHECKING:
    from tests.running import Running

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "screenshots"
WIDE, NARROW = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)
PAGES = {
    "board": "/board",
    "articles": "/content/articles",
    "intents": "/content/intents",
    "matrix": "/content/matrix",
    "rules": "/console/sla",
}
ANSWERED = "before => document.querySelectorAll('#messages .lmsg:not(.r)').length > before"
STORY = (
    ("吳承恩", ("可以用什麼付款方式？",)),
    ("Emily Tsai", ("我要改收件地址，訂單 GB1118-20731",)),
    ("林淑芬", ("收到的烤箱玻璃破了",)),
    ("黃柏翰", ("等了兩個禮拜都沒人處理，我要找消保官了",)),
    ("陳怡君", ("運費怎麼算？", "碎玻璃掉出來，小孩被割到手了！！")),
)


def live(phone: Page, url: str) -> None:
    """Each customer writes, and hears back before the next one does."""
    phone.goto(f"{url}/simulator")
    for customer, texts in STORY:
        phone.locator("label", has_text=customer).click()
        for text in texts:
            before = phone.locator("#messages .lmsg:not(.r)").count()
            phone.get_by_placeholder("輸入訊息").fill(text)
            phone.get_by_placeholder("輸入訊息").press("Enter")
            phone.wait_for_function(ANSWERED, arg=before)


def answer(desk: Page, url: str) -> None:
    """An agent claims the case that matters most, notes and replies."""
    desk.goto(f"{url}/console")
    desk.get_by_role("button", name="王志豪").click()
    desk.locator(".li", has_text="陳怡君").first.click()
    desk.get_by_role("button", name="接手這件案件").click()
    desk.get_by_role("button", name="知道了").click()  # it would cover the thread's beginning
    desk.get_by_role("tab", name="內部備註").click()
    desk.get_by_label("寫給同事的備註…").fill("倉庫說這批已有 3 件玻璃破裂，先問孩子的傷勢。")
    desk.get_by_role("button", name="儲存備註").click()
    desk.locator(".inn.note").wait_for()
    desk.get_by_role("tab", name="回覆顧客").click()
    desk.get_by_label("寫給陳怡君").fill("陳小姐您好，我是志豪。請先帶孩子離開碎玻璃，傷口還好嗎？")
    desk.get_by_role("button", name="傳送").click()
    desk.locator(".mg.me2", has_text="請先帶孩子離開").filter(has_text="LINE 已接收").wait_for()


def trouble(boss: Page, demo: "Running") -> None:
    """Two messages that did not arrive, as a supervisor finds them."""
    from tests.browser.test_dead_letters import fail

    fail(demo, "陳怡君", "我們先安排到府收回，明天上午 9 點到 12 點方便嗎？")
    fail(demo, "黃柏翰", "我們已經請物流優先處理，今天下班前回覆您。")
    boss.goto(f"{demo.url}/console/trouble")
    boss.get_by_role("button", name="林佩蓉").click()
    boss.get_by_role("button", name="再送一次").first.wait_for()


def photograph(page: Page, name: str) -> None:
    from tests.photographs import keep

    page.wait_for_timeout(800)  # the bubbles' fade
    keep(page, PICTURES / f"{name}.png")


def take(browser: Browser, demo: "Running") -> None:
    url = demo.url
    phone = browser.new_context(viewport=WIDE, locale="zh-TW", timezone_id="Asia/Taipei").new_page()
    live(phone, url)
    photograph(phone, "simulator")
    desk = browser.new_context(viewport=WIDE, locale="zh-TW", timezone_id="Asia/Taipei").new_page()
    desk.goto(f"{url}/")
    photograph(desk, "home")
    desk.goto(f"{url}/console")
    photograph(desk, "sign-in")
    answer(desk, url)
    photograph(desk, "console")
    desk.emulate_media(color_scheme="dark")
    desk.reload()
    photograph(desk, "console-dark")
    desk.emulate_media(color_scheme="light")
    desk.set_viewport_size(NARROW)
    desk.reload()
    photograph(desk, "console-phone")
    boss = browser.new_context(viewport=WIDE, locale="zh-TW", timezone_id="Asia/Taipei").new_page()
    trouble(boss, demo)
    photograph(boss, "trouble")
    for name, path in PAGES.items():
        boss.goto(f"{url}{path}")
        photograph(boss, name)
    reader = browser.new_context(viewport=NARROW, locale="zh-TW", timezone_id="Asia/Taipei").new_page()
    reader.goto(f"{url}/help")
    photograph(reader, "help-phone")


def main() -> None:
    sys.path.insert(0, str(ROOT))
    from tests.running import running

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("screenshots: no Chromium on this machine: install the package chromium")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "data") as demo, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        take(browser, demo)
        browser.close()


if __name__ == "__main__":
    main()
