"""Whoever cannot see, or points with the keyboard, works at the same desk: axe finds nothing serious on its pages."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_first_story import WIDTHS, page_of
from tests.running import ROOT, Running

AXE = Path(ROOT, "frontend", "node_modules", "axe-core", "axe.min.js")
SERIOUS = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
  .filter(({ impact }) => impact === "serious" || impact === "critical")
  .map(({ id, nodes }) => [id, nodes.slice(0, 3).map((node) => node.html.slice(0, 120))])"""
PAGES = (
    "/console?view=all",
    "/console?view=due&level=L1",
    "/console?q=退款",
    "/help",
    "/help/topics/orders",
    "/help/articles/FAQ-001",
    "/help/search?q=運費",
    "/help/search?q=外星人",
    "/content/articles",
    "/content/articles/1",
    "/content/articles/1/history",
    "/content/helped",
    "/content/matrix",
    "/content/unanswered",
    "/content/templates",
    "/content/cases",
    "/content/contacts",
    "/content/menus",
    "/content/intents/shipping_fee",
    "/content/releases",
    "/content/releases/1/try",
    "/content/report",
    "/console/notices",
    "/console/phone",
    "/console/sla",
    "/console/people",
    "/console/settings",
    "/console/settings/calendars",
    "/console/settings/fields",
    "/console/settings/tokens",
    "/console/audit",
    "/console/trouble",
    "/board",
    "/board/wall",
    "/board/cases?number=first",
    "/marketing",
    "/marketing/register",
    "/account",
)


@pytest.fixture
def lin(browser: Browser, demo: Running) -> Callable[[str, str], Page]:
    """林佩蓉, on a screen of a width and in a scheme of colours."""

    def open_(width: str, scheme: str) -> Page:
        page = page_of(browser, width)
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.goto(f"{demo.url}/console")
        page.get_by_role("button", name=re.compile("林佩蓉")).click()
        page.wait_for_url(re.compile("/console"))
        return page

    return open_


def wrong(page: Page) -> list[object]:
    """What axe has against the page as it is now."""
    page.evaluate(AXE.read_text("utf-8"))
    found: list[object] = page.evaluate(SERIOUS)
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_serious(demo: Running, lin: Callable[[str, str], Page], width: str, scheme: str) -> None:
    page, found = lin(width, scheme), {}
    for address in PAGES:
        page.goto(demo.url + address)
        assert unquote(page.url).startswith(demo.url + address)  # nobody was sent elsewhere
        if address.endswith("/try"):
            page.locator("#tried-text").fill("運費怎麼算")
            expect(page.locator("#tried .versus > section")).to_have_count(2)
        found[address] = wrong(page)
    assert {address: problems for address, problems in found.items() if problems} == {}


def test_where_the_sidebar_is_a_rail_of_icons_each_has_its_name(demo: Running, lin: Callable[[str, str], Page]) -> None:
    page = lin("wide", "light")
    page.set_viewport_size({"width": 900, "height": 800})
    for address in ("/console?view=all", "/content/articles", "/content/releases"):
        page.goto(demo.url + address)
        assert wrong(page) == [], address


def test_on_a_phone_five_tabs_and_the_rest_behind_more(demo: Running, lin: Callable[[str, str], Page]) -> None:
    page = lin("narrow", "light")
    tabs = page.locator(".fnav > a, .fnav > button").locator("visible=true")
    assert tabs.count() <= 5
    expect(page.get_by_role("link", name="時限規則")).to_be_hidden()
    page.get_by_role("button", name="更多").click()
    assert wrong(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="時限規則")).to_be_hidden()
    page.get_by_role("button", name="更多").click()
    page.get_by_role("link", name="時限規則").click()
    page.wait_for_url(re.compile("/console/sla"))
