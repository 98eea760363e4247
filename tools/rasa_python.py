"""A Python that Rasa runs on, and environments that hold exactly what Rasa's lock pins, or a part of it."""

import hashlib
import os
import platform
import re
import subprocess
import sys
from collections.abc import Collection, Iterator
from glob import glob
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "nlu_data" / "rasa" / "requirements.txt"
UV = Path(sys.executable).with_name("uv")
BEST, POSSIBLE = "3.10", "3.11"  # Rasa promises to run on the first, and does run on the second
PROBE = "import ssl, sqlite3, sys; print('%d.%d' % sys.version_info[:2])"
PINS = re.compile(r"^(?=\w)", re.MULTILINE)  # a pin begins a line, its hashes are indented
NOT_HERE = "rasa: TensorFlow 2.12 exists for Linux on x86-64 only; elsewhere use the container (docker compose up rasa)"
NO_PYTHON = (
    f"rasa: Rasa 3.6 needs Python {BEST}, or {POSSIBLE} where there is none. Neither runs here, and uv could fetch "
    "none. Install one (pyenv install 3.10; Debian 12: apt install python3) or name it: RASA_PYTHON=/path/to/python"
)


def fill(venv: Path, packages: Collection[str] = ()) -> None:
    """Have `venv` hold all that is locked, or of it these packages; nothing is done if it does already."""
    pins = locked(packages)
    python, stamp = venv / "bin" / "python", venv / ".done"
    digest = hashlib.sha256(pins.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest and version(str(python)):
        return
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        sys.exit(NOT_HERE)
    _make(venv)
    # What tensorflow-cpu stands in for is asked for and not there: so this list, and nothing that it asks for.
    how = ["--quiet", "--no-deps", "--require-hashes", "--requirement", "-"]
    done = subprocess.run(
        [UV, "pip", "install", "--python", python, *how], input=pins, text=True, cwd=ROOT, check=False
    )
    if done.returncode:
        sys.exit(f"rasa: filling {venv.name} failed; the lines above say why")
    stamp.write_text(digest)


def locked(packages: Collection[str] = ()) -> str:
    """The pins of the lock with their hashes, or of them those of some packages."""
    pins = PINS.split(LOCK.read_text())
    return "".join(pin for pin in pins if not packages or pin.partition("==")[0] in packages)


def version(python: str) -> str:
    """Which Python this is; empty where it does not run, as pyenv's shims may not, or is not complete."""
    try:
        done = subprocess.run([python, "-c", PROBE], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _make(venv: Path) -> None:
    """An empty environment, of the first Python that gives one."""
    for python in _pythons():
        done = subprocess.run(
            [UV, "venv", "--quiet", "--clear", "--python", python, venv], capture_output=True, check=False
        )
        if done.returncode == 0:
            break
    else:
        sys.exit(NO_PYTHON)
    if version(str(venv / "bin" / "python")) != BEST:
        print(f"rasa: found no Python {BEST}, so {POSSIBLE} has to do, which Rasa does not promise", flush=True)


def _pythons() -> Iterator[str]:
    """The one that is named; else each that runs, the best first. uv finds its own by version, or fetches one."""
    named = os.environ.get("RASA_PYTHON")
    if named and version(named) not in (BEST, POSSIBLE):
        sys.exit(f"rasa: RASA_PYTHON names no Python {BEST} or {POSSIBLE} that runs")
    for wanted in (BEST, POSSIBLE):
        candidates = [named] if named else [f"python{wanted}", *_kept_by_pyenv(wanted)]
        yield from (candidate for candidate in candidates if version(candidate) == wanted)
        if not named:
            yield wanted


def _kept_by_pyenv(wanted: str) -> list[str]:
    """uv does not find these by itself."""
    root = os.environ.get("PYENV_ROOT") or str(Path.home() / ".pyenv")
    return sorted(glob(f"{root}/versions/{wanted}.*/bin/python{wanted}"))
