"""A member of staff has her browser take pushes: one is shown in her words, a click opens the case, and it ends.

Chromium's push service cannot be reached from here, so its address leads to one of ours while the story wants pushes.
What the shop pushes there is opened with the browser's key and handed to Chromium as its push service would.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect
from sqlalchemy import update

from bot import db
from bot.settings import Settings
from handoff.models import PushSubscription
from tests.browser.test_first_story import page_of, play, write
from tests.notices import Browser, Endpoint
from tests.running import Running

SUBSCRIPTION = """
const subscription = %s;
const known = () => localStorage.subscribed
  ? {...subscription, toJSON: () => subscription, unsubscribe: async () => delete localStorage.subscribed} : null;
PushManager.prototype.getSubscription = async () => known();
PushManager.prototype.subscribe = async () => (localStorage.subscribed = "yes", known());
"""
SHOWN = """async () => (await (await navigator.serviceWorker.getRegistration("/console")).getNotifications())
  .map(({ title, body, tag }) => ({ title, body, tag }))"""
CLICK = """async () => {
  const [notification] = await self.registration.getNotifications();
  const click = new NotificationEvent("notificationclick", { notification });
  const done = [], opened = [];
  click.waitUntil = (work) => done.push(work);
  self.clients.openWindow = async (url) => opened.push(url);
  self.dispatchEvent(click);
  await Promise.allSettled(done);  // only a click by hand may bring a window to the front
  return opened;
}"""


@pytest.fixture
def pushes() -> Iterator[Endpoint]:
    endpoint = Endpoint().start()
    yield endpoint
    endpoint.stop()


@pytest.fixture
def phone() -> Browser:
    """What her Chromium subscribes with."""
    return Browser("https://fcm.googleapis.com/fcm/send/chromium")


def led(demo: Running, endpoint: str, elsewhere: str) -> None:
    """What is pushed to an address goes elsewhere from now on."""
    sessions = db.sessions(db.connect(Settings(frontline_data=demo.data, database_url="")))
    with sessions.begin() as session:
        session.execute(
            update(PushSubscription).where(PushSubscription.endpoint == endpoint).values(endpoint=elsewhere)
        )


@pytest.fixture
def wang(browser: Chromium, demo: Running, phone: Browser) -> Page:
    """王志豪 at his notices."""
    page = page_of(browser, "wide")
    page.context.grant_permissions(["notifications"], origin=demo.url)
    page.context.add_init_script(SUBSCRIPTION % json.dumps({"endpoint": phone.endpoint, "keys": phone.keys}))
    page.goto(f"{demo.url}/console/notices")
    page.get_by_role("button", name=re.compile("王志豪")).click()
    return page


def until(page: Page, met: Callable[[], Any]) -> Any:
    """What `met` finds, within the time that a person would wait."""
    for _ in range(300):
        if found := met():
            return found
        page.wait_for_timeout(100)
    raise AssertionError("nothing came")


def hand_over(page: Page, origin: str, push: dict[str, Any]) -> None:
    """A push, opened, reaches the service worker."""
    protocol, found = page.context.new_cdp_session(page), []
    protocol.on("ServiceWorker.workerRegistrationUpdated", lambda told: found.extend(told["registrations"]))
    protocol.send("ServiceWorker.enable")
    registration = until(page, lambda: found)[0]["registrationId"]
    data = {"origin": origin, "registrationId": registration, "data": json.dumps(push, ensure_ascii=False)}
    protocol.send("ServiceWorker.deliverPushMessage", data)


def test_a_push_is_shown_and_opens_the_case_until_it_is_switched_off(
    browser: Chromium, demo: Running, pushes: Endpoint, phone: Browser, wang: Page
) -> None:
    on, off = (wang.get_by_role("button", name=name) for name in ("在這台瀏覽器接收推播", "這台瀏覽器不再接收推播"))
    on.click()
    expect(off).to_be_visible()
    led(demo, phone.endpoint, pushes.url)
    customer = page_of(browser, "wide")
    customer.goto(f"{demo.url}/simulator")
    play(customer, "Emily Tsai", "wide")
    write(customer, "我要找真人")
    _, _, body = until(wang, lambda: pushes.taken)[0]

    push = phone.reads(body)
    hand_over(wang, demo.url, push)
    [shown] = until(wang, lambda: wang.evaluate(SHOWN))
    assert re.fullmatch(r"\[L3\] CS-\d{6}-\d{4} [\u4e00-\u9fff，]+", shown["title"])
    case = f"{demo.url}/console/cases/{shown['tag']}"
    [worker] = wang.context.service_workers
    wang.goto(f"{demo.url}/simulator")
    assert worker.evaluate(CLICK) == [case], "without a console a new window"

    wang.goto(f"{demo.url}/console")
    hand_over(wang, demo.url, push)
    until(wang, lambda: wang.evaluate(SHOWN))
    assert worker.evaluate(CLICK) == []
    wang.wait_for_url(case)
    expect(wang.locator(".msgs").get_by_text("我要找真人", exact=True)).to_be_visible()
    assert wang.evaluate(SHOWN) == []

    led(demo, pushes.url, phone.endpoint)
    wang.goto(f"{demo.url}/console/notices")
    off.click()
    expect(on).to_be_visible()
    led(demo, phone.endpoint, pushes.url)
    wang.reload()
    expect(on).to_be_visible()
    before = len(pushes.taken)
    write(customer, "還在嗎？訂單 GB1118")
    expect(wang.locator("#notices")).to_contain_text("顧客又寫來了")
    assert len(pushes.taken) == before
