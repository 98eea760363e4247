"""What a browser loads before a page is alive stays small."""

import gzip
from collections.abc import Iterator

import pytest

from bot.web.look import BUILD, manifest

MOST = 150_000  # bytes of JavaScript, compressed, on any page
WITH_CHARTS = 200_000  # on the one page that draws charts; it is read, and charts come after its figures


def loaded(name: str, seen: set[str]) -> Iterator[str]:
    """A script and all that it imports, each once."""
    if name in seen:
        return
    seen.add(name)
    yield manifest()[name]["file"]
    for imported in manifest()[name].get("imports", ()):
        yield from loaded(imported, seen)


def weight(page: str) -> int:
    seen: set[str] = set()
    files = [*loaded("src/app.js", seen), *loaded(f"src/{page}.js", seen)]
    return sum(len(gzip.compress((BUILD / file).read_bytes())) for file in files)


@pytest.mark.parametrize("page", ["articles", "board", "console", "notices", "simulator", "teaching", "trouble"])
def test_a_page_loads_little_javascript(page: str) -> None:
    assert 0 < weight(page) <= MOST


def test_only_the_report_loads_charts() -> None:
    assert 0 < weight("report") <= WITH_CHARTS
