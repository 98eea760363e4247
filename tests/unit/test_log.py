"""What an operator reads in the log: every line JSON, every line with its process, no word of a customer."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

START = """
import logging, threading
import structlog
from bot.log import configure
configure("app")
log = structlog.get_logger()
def fail(words):
    raise ValueError(words)
"""


def lines(script):
    """What a process of its own writes, so that the logs of this test run stay as they are."""
    ran = subprocess.run([sys.executable, "-c", START + script], cwd=ROOT, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in ran.stderr.splitlines()]


def test_an_error_keeps_its_type_and_place_but_not_its_words():
    (line,) = lines("""
try:
    fail("陳怡君 0912345678")
except ValueError:
    log.exception("turn.failed", event_ids=[7])
""")
    assert (line["event"], line["error"], line["event_ids"]) == ("turn.failed", "ValueError", [7])
    assert line["frames"][-1].endswith("fail")
    assert "0912345678" not in json.dumps(line, ensure_ascii=False)


def test_a_library_speaks_json_too_and_quotes_nobody():
    line, _ = lines("""
try:
    fail("陳怡君 0912345678")
except ValueError as error:
    logging.getLogger("urllib3").warning("retry %d of %s: %r", 3, "http://rasa/?token=geheim", error, exc_info=True)
logging.getLogger("gunicorn.error").error("Worker (pid:%s) exited", 5)
""")
    assert line["event"] == "retry %d of %s: %r"
    assert (line["logger"], line["level"], line["numbers"]) == ("urllib3", "warning", [3])
    assert line["error"] == "ValueError"
    for secret in ("0912345678", "geheim"):
        assert secret not in json.dumps(line, ensure_ascii=False)


def test_a_worker_of_gunicorn_writes_one_line_under_its_own_name():
    (line,) = lines("""
own = logging.getLogger("gunicorn.error")
own.propagate = False
own.addHandler(logging.StreamHandler())
configure("worker")
own.error("Worker (pid:%s) exited", 5)
""")
    assert (line["event"], line["process"], line["numbers"]) == ("Worker (pid:%s) exited", "worker", [5])


def test_every_thread_names_its_process():
    found = lines("""
thread = threading.Thread(target=lambda: log.info("from.thread"))
thread.start()
thread.join()
log.info("from.main")
""")
    assert [line["process"] for line in found] == ["app", "app"]


def test_an_error_given_by_hand_is_outlined_as_well():
    (line,) = lines("""log.warning("nlu.failed", exc_info=KeyError("陳怡君"))""")
    assert (line["error"], line["frames"]) == ("KeyError", [])
    assert "陳怡君" not in json.dumps(line, ensure_ascii=False)
