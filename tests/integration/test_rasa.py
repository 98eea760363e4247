"""The real Rasa server with our classifier in it: it learns over HTTP, agrees with the embedded engine, and dies."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import db
from bot.clock import now
from bot.models import Release
from bot.nlu import rasa_server, release
from bot.nlu.embedded import Embedded
from bot.nlu.fallback import Fallback
from bot.nlu.files import ROOT
from bot.nlu.pointer import Pointer
from bot.nlu.rasa import Rasa
from bot.nlu.rasa_server import RasaAway, RasaServer
from bot.nlu.rasa_training import project
from bot.nlu.training import train
from bot.nlu.training_data import Example, read_all
from bot.settings import Settings
from tests.running import free_ports
from tools.rasa import PROGRAM, environment

TOKEN, DIGEST = "sesame", "5e5a" * 16
INTENTS = ("shipping_fee", "return_how", "greeting", "order_status", "coupon_how_get")
START_SECONDS = 120
AGREEMENT = 0.99


@pytest.fixture(scope="module")
def sentences() -> tuple[list[Example], list[str]]:
    """Two thirds to learn from, one third to ask."""
    files = sorted(ROOT.glob("zh-TW/nlu/*.yml"))
    known = [example for example in read_all(files) if example.intent in INTENTS]
    ordered = sorted(known, key=lambda example: INTENTS.index(example.intent))
    asked = ordered[::3]
    return [example for example in ordered if example not in asked], [example.text for example in asked]


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """A started server, as yet without a model; and its address."""
    assert PROGRAM.exists(), "no .venv-rasa: `tools/rasa.py install` sets it up, as `make test` does"
    folder = tmp_path_factory.mktemp("rasa")
    (folder / "models").mkdir()
    port = str(free_ports())
    command = [PROGRAM, "run", "--enable-api", "--interface", "127.0.0.1", "--port", port, "--auth-token", TOKEN]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            command, cwd=folder, env=environment(), stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        ) as started,
    ):
        try:
            yield started, f"http://127.0.0.1:{port}"
        finally:
            _kill(started)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """It and whatever it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=30)


def _wait_until_it_answers(server: RasaServer, process: "subprocess.Popen[bytes]") -> None:
    """Without a model it refuses, and that is an answer."""
    limit = time.monotonic() + START_SECONDS
    while True:
        assert process.poll() is None
        assert time.monotonic() < limit
        try:
            server.model_file()
        except RasaAway as away:
            if str(away) == "status 409":
                return
        time.sleep(0.2)


def test_a_real_server_learns_agrees_and_is_replaced_when_it_dies(
    process: tuple["subprocess.Popen[bytes]", str],
    sentences: tuple[list[Example], list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rasa_server, "READ_SECONDS", 20.0)  # what it says is judged here, not how soon
    started, url = process
    learned, asked = sentences
    settings = Settings(frontline_data=tmp_path, rasa_url=url, rasa_token=TOKEN)
    db.migrate(settings)
    engine = db.connect(settings)
    sessions = db.sessions(engine)
    model, _ = train(learned, frozenset(INTENTS))
    with sessions.begin() as session:
        row = Release(digest=DIGEST, activated_at=now())
        session.add(row)
        session.flush()
        home = release.folder(settings, row.id)
    home.mkdir(parents=True)
    model.save(home)
    embedded = Embedded(settings, sessions)
    rasa = Rasa(settings, Pointer(sessions).digest)
    both = Fallback(rasa, embedded)
    assert both.parse(["運費怎麼算"])[0].engine == "embedded"  # it is only starting

    server = rasa.servers[0]
    _wait_until_it_answers(server, started)
    server.load(server.train(project(learned, release=DIGEST, answered=list(INTENTS))))
    assert server.release() == DIGEST
    assert rasa.ready()

    fresh = Rasa(settings, Pointer(sessions).digest)
    ours = [understanding.ranking[0][0] for understanding in embedded.parse(asked)]
    theirs = [understanding.ranking[0][0] for understanding in fresh.ask(asked)]
    agreed = sum(one == other for one, other in zip(ours, theirs, strict=True))
    assert agreed / len(asked) >= AGREEMENT
    assert Fallback(fresh, embedded).parse(["運費怎麼算"])[0].engine == "rasa"
    assert not fresh.ask(["/greeting"])[0].rule

    _kill(started)
    again = Fallback(fresh, embedded).parse(["運費怎麼算"])[0]
    assert (again.engine, again.ranking[0][0]) == ("embedded", "shipping_fee")
    assert not rasa.ready()
    engine.dispose()
