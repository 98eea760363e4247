"""The stream's process holds a thousand consoles: what it imports, it holds as well."""

import subprocess
import sys

HEAVY = {
    "PIL",
    "apprise",
    "authlib",
    "faq",
    "fsspec",
    "holidays",
    "linebot",
    "numpy",
    "requests",
    "scipy",
    "spectree",
}
LOADED = "import sys, handoff.stream.process; print(*{name.partition('.')[0] for name in sys.modules})"


def test_the_stream_imports_nothing_that_it_does_not_need() -> None:
    run = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert HEAVY & set(run.stdout.split()) == set()
