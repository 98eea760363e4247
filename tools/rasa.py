"""Rasa in a Python of its own: find a Python 3.10, fill .venv-rasa, train the shipped files, serve on loopback.

`tools/rasa.py install` only sets up; without a word it does all of it and serves until Ctrl-C. Run by the
application's Python, since the data to learn from is the application's.
"""

import hashlib
import os
import secrets
import shutil
import subprocess
import sys
from glob import glob
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "nlu_data" / "rasa"
VENV = ROOT / ".venv-rasa"
PROGRAM = VENV / "bin" / "rasa"
LOCK = HOME / "requirements.txt"
PORT = "5005"
WANTED = "3.10"
QUIET = {"RASA_TELEMETRY_ENABLED": "false", "SQLALCHEMY_SILENCE_UBER_WARNING": "1", "TF_CPP_MIN_LOG_LEVEL": "2"}
PROBE = "import ssl, sqlite3, sys; sys.exit(sys.version_info[:2] != (3, 10))"


def find_python() -> str:
    """A Python 3.10 that really runs; else its version, for which uv looks by its own means."""
    named = os.environ.get("RASA_PYTHON")
    root = os.environ.get("PYENV_ROOT") or str(Path.home() / ".pyenv")
    kept_by_pyenv = sorted(glob(f"{root}/versions/{WANTED}.*/bin/python{WANTED}"))  # its shims need not run
    candidates = [named] if named else [f"python{WANTED}", *kept_by_pyenv]
    found = next((candidate for candidate in candidates if _runs(candidate)), None)
    if named and not found:
        sys.exit(f"rasa: RASA_PYTHON is no Python {WANTED} that runs; Rasa 3.6 needs that version")
    return found or WANTED


def _runs(python: str) -> bool:
    try:
        return subprocess.run([python, "-c", PROBE], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def install() -> None:
    """Fill .venv-rasa with exactly what is locked, unless that was done."""
    stamp, digest = VENV / ".done", hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    print("rasa: installing into .venv-rasa (2 GB)", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    uv = str(Path(sys.executable).with_name("uv"))
    python = str(VENV / "bin" / "python")
    # What tensorflow-cpu stands in for is asked for and not there: so this list, and nothing that it asks for.
    locked = ["--no-deps", "--require-hashes", "--requirement", str(LOCK)]
    for command in (
        [uv, "venv", "--quiet", "--python", find_python(), str(VENV)],
        [uv, "pip", "install", "--quiet", "--python", python, *locked],
    ):
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            sys.exit(f"rasa: setting up failed; Rasa needs a Python {WANTED}: install one, or name it in RASA_PYTHON")
    stamp.write_text(digest)


def environment() -> dict[str, str]:
    """Where Rasa finds our component, and what the component imports."""
    return os.environ | QUIET | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(HOME)])}


def train(folder: Path) -> Path:
    """The model of the shipped files; trained now, unless it is there."""
    from bot.nlu import rasa_training, release
    from bot.settings import Settings

    settings = Settings()
    name = f"frontline-{release.digest(settings)[:12]}"
    model = folder / "models" / f"{name}.tar.gz"
    if not model.exists():
        print("rasa: training, about two minutes", flush=True)
        data = folder / "project.yml"
        data.write_text(rasa_training.shipped_project(settings), "utf-8")
        what = ["--config", str(data), "--nlu", str(data), "--out", str(model.parent), "--fixed-model-name", name]
        subprocess.run([PROGRAM, "train", "nlu", *what], cwd=folder, env=environment(), check=True)
    return model


def serve(folder: Path, model: Path) -> None:
    """Become the server; whoever wants to ask must know the token."""
    token = os.environ.get("RASA_TOKEN") or secrets.token_urlsafe(24)
    port = os.environ.get("RASA_PORT", PORT)
    print(f"rasa: RASA_URL=http://127.0.0.1:{port} RASA_TOKEN={token} make run", flush=True)
    how = ["--enable-api", "--interface", "127.0.0.1", "--port", port, "--model", str(model), "--auth-token", token]
    os.chdir(folder)
    os.execve(PROGRAM, [str(PROGRAM), "run", *how], environment())


def main() -> None:
    install()
    if sys.argv[1:] == ["install"]:
        return
    from bot.settings import Settings

    folder = Settings().data / "rasa"
    (folder / "models").mkdir(parents=True, exist_ok=True)
    serve(folder, train(folder))


if __name__ == "__main__":
    main()
