"""The real Rasa server in a process of its own, as `make rasa` starts it, on a free port of this machine."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bot.nlu.rasa_server import RasaAway, RasaServer
from tests.running import ROOT, free_ports
from tools.rasa import PROGRAM, environment

TOKEN = "sesame"
PATIENCE = 180.0


class RunningRasa:
    """A folder with models, and the server that serves them from there.

    `program`: where the code and the data lie that our component brings along.
    """

    def __init__(self, folder: Path, program: Path = ROOT) -> None:
        assert PROGRAM.exists(), "no .venv-rasa: `make test-rasa` sets it up, as `make rasa` does"
        self._folder = folder
        (folder / "models").mkdir(parents=True)
        self._environment = environment() | {"PYTHONPATH": f"{program}{os.pathsep}{program / 'nlu_data' / 'rasa'}"}
        self.port = free_ports()
        self.url = f"http://127.0.0.1:{self.port}"
        self.server = RasaServer(self.url, TOKEN)
        self.start()

    def start(self) -> None:
        """With the newest model of the folder, if there is one."""
        how = ["--enable-api", "--interface", "127.0.0.1", "--port", str(self.port), "--auth-token", TOKEN]
        with (self._folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "run", *how],
                cwd=self._folder,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """It and whatever it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=30)

    def wait_until_it_answers(self) -> None:
        """Without a model it refuses, and that is an answer."""
        self.wait_until(self._answers)

    def wait_until(self, true: Callable[[], bool]) -> None:
        limit = time.monotonic() + PATIENCE
        while not true():
            assert self.process.poll() is None, (self._folder / "log").read_text()[-2000:]
            assert time.monotonic() < limit, "waited too long for Rasa"
            time.sleep(0.2)

    def _answers(self) -> bool:
        try:
            self.server.model_file()
        except RasaAway:
            return False
        return True


@contextlib.contextmanager
def running_rasa(folder: Path, program: Path = ROOT) -> Iterator[RunningRasa]:
    """A server that has just been started, as yet without a model; it ends with its story."""
    rasa = RunningRasa(folder, program)
    try:
        yield rasa
    finally:
        rasa.kill()
