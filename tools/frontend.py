"""Build the pages' CSS and JavaScript, but only when their sources changed.

Runs in .venv, whose Node and npm come from a wheel: the machine needs neither.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "frontend"
MODULES = SOURCES / "node_modules"
BUILT = ROOT / "bot" / "static" / "build"


def sources() -> Iterator[Path]:
    for folder, folders, files in os.walk(SOURCES):
        folders[:] = sorted(set(folders) - {"node_modules"})
        yield from (Path(folder, file) for file in sorted(files))


def digest(paths: Iterator[Path]) -> str:
    whole = hashlib.sha256()
    for path in paths:
        whole.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()


def npm(*arguments: str) -> None:
    """Run npm quietly from the wheel; its output is shown only when it fails."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    npm = subprocess.run(
        ["npm", *arguments],
        cwd=SOURCES,
        env={**os.environ, "PATH": path, "CI": "true"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if npm.returncode:
        sys.stderr.buffer.write(npm.stdout)
        sys.exit(f"setup: npm {arguments[0]} failed; the lines above say why.")


def up_to_date(stamp: Path, wanted: str) -> bool:
    return stamp.exists() and stamp.read_text() == wanted


def install_modules() -> None:
    stamp, wanted = MODULES / ".done", digest(iter([SOURCES / "package-lock.json"]))
    if not up_to_date(stamp, wanted):
        print("setup: installing the front end's packages", flush=True)
        npm("ci", "--no-audit", "--no-fund")
        stamp.write_text(wanted)


def build() -> None:
    stamp, wanted = BUILT / ".done", digest(sources())
    if not up_to_date(stamp, wanted):
        install_modules()
        print("setup: building the front end", flush=True)
        npm("run", "build")
        stamp.write_text(wanted)


if __name__ == "__main__":
    build()
