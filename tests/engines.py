"""Who understands in the stories: the embedded engine, or with `--engine rasa` a Rasa server in front of it.

That server is a small one of these tests, but the way to it is the program's own: over HTTP, with a token, in Rasa's
format; and what it is taught it learns with the algorithm that our component brings to the real one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.nlu import release
from bot.nlu.embedded import Embedded
from bot.nlu.fallback import Fallback
from bot.nlu.model import Model
from bot.nlu.rasa_server import RasaAway
from bot.ports import Understanding
from tests import folders
from tests.fakes_nlu import NONSENSE, TOKEN, FakeRasa, Served, by_algorithm, fake_rasa, knowing, minding

FIRST = "first.tar.gz"
BEHIND = "serves release"
Knows = Callable[..., None]


@contextmanager
def rasa(trained: Path) -> Iterator[FakeRasa]:
    """A server that has learned what the trained folder did."""
    with fake_rasa(by_algorithm) as server:
        model = Model.load(release.folder(folders.settings(trained, "", ""), 1))
        server.models[FIRST] = Served(folders.learned_by(trained), model.predict)
        yield server


@contextmanager
def asked_first(server: FakeRasa, patch: pytest.MonkeyPatch) -> Iterator[FakeRasa]:
    """For a story: the server is as at the beginning, and the embedded engine only stands in while it is behind."""
    before, reasons = dict(server.models), []
    by_second = Fallback._by_second

    def noted(self: Fallback, texts: Sequence[str], away: RasaAway) -> list[Understanding]:
        reasons.append(str(away))
        return by_second(self, texts, away)

    for name in ("rasa.REST_SECONDS", "rasa.BEHIND_SECONDS", "pointer.CHECK_SECONDS"):
        patch.setattr(f"bot.nlu.{name}", 0)
    for name in ("rasa_server.READ_SECONDS", "rasa.PATIENCE_SECONDS"):
        patch.setattr(f"bot.nlu.{name}", 20.0)  # what it says is judged here, not how soon
    patch.setattr(Fallback, "_by_second", noted)
    yield server
    server.models, server.model = before, FIRST
    assert [reason for reason in reasons if not reason.startswith(BEHIND)] == []


def served(server: FakeRasa | None) -> dict[str, Any]:
    """The settings that name the server, if there is one."""
    return {"rasa_url": server.url, "rasa_token": TOKEN} if server else {}


def knowledge(server: FakeRasa | None, patch: pytest.MonkeyPatch) -> Knows:
    """Makes whoever understands sure of texts with some words (word → intent), and of others have `doubts`."""

    def know(words: Mapping[str, str], doubts: Sequence[tuple[str, float]] = NONSENSE) -> None:
        patch.setattr(Embedded, "parse", knowing(words, doubts))
        if server:
            server.knows(minding(words, doubts))

    return know
