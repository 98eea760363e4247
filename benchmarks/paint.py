"""What an agent waits for when she opens a page: Chromium with a slowed processor, a hundred open cases in the list."""

import gzip
import shutil
import statistics
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright

from benchmarks import machine
from benchmarks.shop import SUPERVISOR
from benchmarks.stage import stage

PAGES = {"console": "/console", "a case": "", "notices": "/console/notices", "board": "/board", "wall": "/board/wall"}
CONVERSATIONS = 1000
RUNS_IN = 4  # visits, each on a connection of its own: two web processes take them in turn, or nearly
SETTLED = 2500  # milliseconds after which whatever would move has moved
WIDE = {"width": 1440, "height": 900}
LOOK = """() => new Promise((done) => {
  const found = { shift: 0 };
  new PerformanceObserver((seen) => { for (const entry of seen.getEntries()) found.shift += entry.value; })
    .observe({ type: "layout-shift", buffered: true });
  new PerformanceObserver((seen) => { for (const entry of seen.getEntries()) found.largest = entry.startTime; })
    .observe({ type: "largest-contentful-paint", buffered: true });
  found.first = performance.getEntriesByName("first-contentful-paint")[0].startTime;
  found.answered = performance.getEntriesByType("navigation")[0].responseStart;
  requestAnimationFrame(() => setTimeout(done, 50, found));
})"""
SIGNS = ("first", "largest", "answered")


def measure(slower: float, visits: int) -> dict[str, Any]:
    """Medians of several visits, each with an empty cache, and of as many with what is kept of the first."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with stage("sqlite", CONVERSATIONS) as shop, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        pages = PAGES | {"a case": f"/console/cases/CS-OPEN-{CONVERSATIONS}"}
        known = _signed_in(browser, shop.url)
        _run_in(browser, known, [shop.url + path for path in pages.values()])
        before = machine.load()
        seen = {name: _visited(browser, known, shop.url + path, slower, visits) for name, path in pages.items()}
        browser.close()
    return {"benchmark": "paint", "cpu_slower": slower, "load_average": [before, machine.load()], "pages": seen}


def _signed_in(browser: Browser, url: str) -> Any:
    """What the browser keeps of a sign-in."""
    context = browser.new_context(locale="zh-TW")
    page = context.new_page()
    page.goto(f"{url}/sign-in")
    page.locator("[name=username]").fill(SUPERVISOR[0])
    page.locator("[name=password]").fill(SUPERVISOR[1])
    with page.expect_navigation():
        page.keyboard.press("Enter")
    kept = context.storage_state()
    context.close()
    return kept


def _run_in(browser: Browser, known: Any, urls: list[str]) -> None:
    """Each web process does each thing once; what a restart costs its first visitor is not asked here."""
    for url in urls * RUNS_IN:
        context = browser.new_context(storage_state=known)
        context.new_page().goto(url)
        context.close()


def _visited(browser: Browser, known: Any, url: str, slower: float, visits: int) -> dict[str, Any]:
    colds, warms, scripts = [], [], {}
    for _ in range(visits):
        context = browser.new_context(storage_state=known, viewport=WIDE, locale="zh-TW")
        page = _slow(context, slower)
        page.on("response", lambda answer: scripts.update(_script(answer)))
        colds.append(_look(page, url))
        warms.append(_look(page, url))
        context.close()
    return {
        "cold_ms": _medians(colds),
        "warm_ms": _medians(warms),
        "layout_shift": round(max(look["shift"] for look in (*colds, *warms)), 4),
        "javascript_gzip_kb": round(sum(scripts.values()) / 1000, 1),
    }


def _slow(context: BrowserContext, slower: float) -> Page:
    page = context.new_page()
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    return page


def _script(answer: Response) -> dict[str, int]:
    """The size of a script as a proxy would send it."""
    if answer.request.resource_type != "script" or not answer.ok:
        return {}
    return {answer.url: len(gzip.compress(answer.body(), 6))}


def _look(page: Page, url: str) -> dict[str, float]:
    page.goto(url)
    assert page.url == url, f"instead of {url} came {page.url}"
    page.wait_for_timeout(SETTLED)
    found: dict[str, float] = page.evaluate(LOOK)
    return found


def _medians(looks: list[dict[str, float]]) -> dict[str, int]:
    return {sign: round(statistics.median(look[sign] for look in looks)) for sign in SIGNS}
