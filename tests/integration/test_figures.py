"""Counters of a process without pages, where no web process of the same machine counts for it."""

import subprocess
from pathlib import Path

import pytest
import requests

from bot.services import Services
from tests.house.processes import eventually
from tests.integration.test_upgrade import environment
from tests.running import FRONTLINE, free_ports


@pytest.mark.parametrize("words", [("worker", "turns"), ("ticker",)], ids=" ".join)
def test_a_process_without_pages_offers_its_counters(current: Services, tmp_path: Path, words: tuple[str, ...]) -> None:
    port = free_ports()
    folder = tmp_path / "metrics"
    folder.mkdir()
    values = environment(current.settings) | {"METRICS_PORT": str(port), "PROMETHEUS_MULTIPROC_DIR": str(folder)}
    with subprocess.Popen([FRONTLINE, *words], env=values) as process:

        def counted() -> bool:
            try:
                return "frontline_" in requests.get(f"http://127.0.0.1:{port}/metrics", timeout=5).text
            except requests.ConnectionError:
                return False

        try:
            eventually("it offers its counters", counted, 120)
        finally:
            process.terminate()
