"""Make .venv and fill it, from nothing but some Python 3.

`make` runs this with whatever `python3` the machine has, before anything is installed. So it keeps to the
standard library and to the syntax of Python 3.8: an old interpreter must get as far as the one line that
says which Python to install.
"""

import hashlib
import os
import subprocess
import sys
from glob import glob
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
SUPPORTED = ("3.13", "3.12", "3.11")
NO_PYTHON = (
    "Frontline needs Python 3.11, 3.12 or 3.13 and found none that is complete (venv, ssl, sqlite3). "
    "Install one (Debian, Ubuntu: apt install python3 python3-venv), "
    "or name it: PYTHON=/path/to/python3.12 make run"
)
PROBE = "import ensurepip, ssl, sqlite3, sys, venv; print('%d.%d' % sys.version_info[:2])"


class Stop(Exception):
    """Set-up cannot go on; the text is the line that tells the reader what to do."""


def say(line):
    print("setup: " + line, flush=True)


def version_of(python):
    """The interpreter's version, or None when it is missing, a dead pyenv shim or lacks a module."""
    try:
        done = subprocess.run([str(python), "-c", PROBE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except OSError:
        return None
    return done.stdout.decode().strip() if done.returncode == 0 else None


def pyenv_pythons():
    """Interpreters that pyenv keeps but does not put on PATH."""
    root = os.environ.get("PYENV_ROOT") or str(Path.home() / ".pyenv")
    patterns = [root + "/versions/" + version + ".*/bin/python" for version in SUPPORTED]
    return [path for pattern in patterns for path in sorted(glob(pattern))]


def find_python():
    named = os.environ.get("PYTHON")
    on_path = ["python" + version for version in SUPPORTED] + ["python3"]
    for candidate in [named] if named else on_path + pyenv_pythons():
        if version_of(candidate) in SUPPORTED:
            return candidate
    raise Stop(NO_PYTHON)


def run(what, command):
    """Run one step quietly; its output is shown only when it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=str(ROOT), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        sys.stderr.buffer.write(done.stdout)
        raise Stop(what + " failed; the lines above say why.")


def make_venv():
    if version_of(PYTHON) in SUPPORTED:
        return
    python = find_python()
    say("making .venv with %s" % python)
    run("Making .venv", [python, "-m", "venv", "--clear", VENV])


def installer():
    """uv where PyPI has it for this machine (seconds), else plain pip (a minute)."""
    if not UV.exists():
        locked = ["--require-hashes", "-r", "requirements/uv.txt"]
        pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--only-binary", ":all:"]
        subprocess.run(pip + locked, cwd=str(ROOT), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if UV.exists():
        return [UV, "pip", "install", "--quiet", "--python", PYTHON]
    return [PYTHON, "-m", "pip", "install", "--quiet"]


def once(name, sources, step):
    """Do a step unless it was done for these very sources."""
    stamp = VENV / (".done-" + name)
    digest = hashlib.sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()
    if not stamp.exists() or stamp.read_text() != digest:
        step()
        stamp.write_text(digest)


def install(group):
    def step():
        say("installing requirements/%s.txt" % group)
        run("Installing packages", [*installer(), "--require-hashes", "-r", locked])

    locked = ROOT / "requirements" / (group + ".txt")
    once(group, [locked], step)


def install_frontline():
    """The command `frontline`, as links into this folder, so that edits count at once."""

    def step():
        say("installing the command .venv/bin/frontline")
        editable = ["--no-deps", "--config-settings", "editable_mode=compat", "--editable", "."]
        run("Installing frontline", installer() + editable)

    once("frontline", [ROOT / "pyproject.toml"], step)


def compile_ahead(groups):
    """Every process starts in half the time with its modules compiled, also where Python is told to write none itself.

    What does not compile (a package's templates, code for other Pythons) is no module of ours: nobody need know.
    """

    def packages():
        subprocess.call([*quietly, "-j", "0", str(VENV / "lib")], stdout=subprocess.DEVNULL)

    quietly = [str(PYTHON), "-m", "compileall", "-qq"]
    once("compiled-" + "-".join(groups), [ROOT / "requirements" / (group + ".txt") for group in groups], packages)
    subprocess.call([*quietly, "bot", "faq", "handoff", "webhook_app.py"], cwd=str(ROOT))


def main(groups):
    try:
        make_venv()
        for group in groups:
            install(group)
        install_frontline()
        compile_ahead(groups)
    except Stop as stop:
        sys.exit("setup: %s" % stop)


if __name__ == "__main__":
    main(sys.argv[1:])
