"""Write requirements/*.txt and Rasa's lock again from both pyproject.toml: pinned, hashed, for every supported Python.

Hashed requirements name no registry, which a lock file of uv does. Give packages to take their newest
version, as in `tools/lock.py flask redis`; without any, versions stay as they are where they still fit.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Lock:
    """A file of pins, and what it is made from. uv reads its own settings from the pyproject.toml in `folder`."""

    output: str
    inputs: tuple[str, ...]
    folder: str = "."
    python: str = "3.11"

    def write(self, upgrades: list[str]) -> None:
        command = [str(Path(sys.executable).with_name("uv")), "pip", "compile", *self.inputs]
        how = ["--universal", "--generate-hashes", "--no-header", "--python-version", self.python, "--quiet"]
        newest = [word for package in upgrades for word in ("--upgrade-package", package)]
        subprocess.run([*command, "--output-file", self.output, *how, *newest], cwd=ROOT / self.folder, check=True)


LOCKS = (
    Lock("requirements/runtime.txt", ("pyproject.toml",)),
    Lock("requirements/front.txt", ("--group", "front")),
    Lock("requirements/dev.txt", ("--group", "dev", "--constraint", "requirements/runtime.txt")),
    Lock("requirements.txt", ("pyproject.toml",), folder="nlu_data/rasa", python="3.10"),
)


if __name__ == "__main__":
    for lock in LOCKS:
        lock.write(sys.argv[1:])
