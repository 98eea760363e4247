"""Write requirements/*.txt again from pyproject.toml: pinned, hashed, for every supported Python and machine.

Hashed requirements name no registry, which a lock file of uv does. Give packages to take their newest
version, as in `tools/lock.py flask redis`; without any, versions stay as they are where they still fit.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {
    "runtime": ["pyproject.toml"],
    "front": ["--group", "front"],
    "dev": ["--group", "dev", "--constraint", "requirements/runtime.txt"],
}


def lock(name: str, inputs: list[str], upgrades: list[str]) -> None:
    output = f"requirements/{name}.txt"
    command = [str(Path(sys.executable).with_name("uv")), "pip", "compile", *inputs, "--output-file", output]
    how = ["--universal", "--generate-hashes", "--no-header", "--python-version", "3.11", "--quiet"]
    newest = [word for package in upgrades for word in ("--upgrade-package", package)]
    subprocess.run([*command, *how, *newest], cwd=ROOT, check=True)


if __name__ == "__main__":
    for name, inputs in LOCKS.items():
        lock(name, inputs, sys.argv[1:])
