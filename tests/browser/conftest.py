"""A running demo and a Chromium to use it with."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.running import Running, running

expect.set_options(timeout=30_000)  # milliseconds: a machine that does much else beside is slow, not wrong


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, trained: Path) -> Iterator[Running]:
    """One for the stories of a file, so that nobody's customers and colleagues are in another's way."""
    data = tmp_path_factory.mktemp("browser") / "data"
    shutil.copytree(trained, data)
    with running(data, OWN_NETWORKS="127.0.0.0/8") as started:
        yield started


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "no Chromium on this machine: install the package chromium"
    return browser_type_launch_args | {"executable_path": chromium, "args": ["--no-sandbox", "--disable-gpu"]}
