"""Rasa in a Python of its own: fill .venv-rasa, train the shipped files, serve on loopback until Ctrl-C.

`python -m tools.rasa install` only fills. Run by the application's Python, since the data to learn from is the
application's.
"""

import os
import secrets
import subprocess
import sys
from pathlib import Path

from bot.models import Release
from bot.nlu import rasa_training, release
from bot.settings import Settings
from tools.rasa_python import ROOT, fill

HOME = ROOT / "nlu_data" / "rasa"
VENV = ROOT / ".venv-rasa"
PROGRAM = VENV / "bin" / "rasa"
PORT = "5005"
AROUND = {
    "OMP_NUM_THREADS": "1",  # threads of BLAS wait by spinning: they take the core that others need
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONWARNINGS": "ignore::DeprecationWarning",
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
}


def install() -> None:
    """Fill .venv-rasa with exactly what is locked, unless that was done."""
    if not PROGRAM.exists():
        print("rasa: installing into .venv-rasa (2 GB)", flush=True)
    fill(VENV)


def environment() -> dict[str, str]:
    """Where Rasa finds our component, and what the component imports."""
    return os.environ | AROUND | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(HOME)])}


def train(folder: Path) -> Path:
    """The model of the shipped files; trained now, unless it is there."""
    settings = Settings()
    name = f"frontline-{release.digest(settings)[:12]}"
    model = folder / "models" / f"{name}.tar.gz"
    if not model.exists():
        print("rasa: training, about two minutes", flush=True)
        data = folder / "project.yml"
        data.write_text(rasa_training.project_of(settings, Release(learned=release.digest(settings))), "utf-8")
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
    folder = Settings().data / "rasa"
    (folder / "models").mkdir(parents=True, exist_ok=True)
    serve(folder, train(folder))


if __name__ == "__main__":
    main()
