"""The articles' vectors: what is compared in short first is what comparing all in full would find."""

import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from sqlalchemy.orm import Session

from faq.search.vectors import Halves, Shelf, hold

IDS = range(3, 20_003, 2)


@pytest.fixture(scope="module")
def full() -> Halves:
    """Vectors that differ as those of sentences do: most in some directions, a little in all."""
    drawn = np.random.default_rng(1)
    made = drawn.normal(size=(len(IDS), 384)) / np.arange(1, 385) ** 0.7 + 1.5 * np.eye(384)[0]
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    halves: Halves = made.astype(np.float16)
    return halves


def test_the_nearest_are_those_of_comparing_all(full: Halves) -> None:
    shelf, same = Shelf(hold(IDS, full)), 0
    for asked in full[::500].astype(np.float32):
        every = full.astype(np.float32) @ asked
        found = shelf.nearest(asked, 40)
        assert [cosine for _, cosine in found] == sorted((cosine for _, cosine in found), reverse=True)
        assert found[0][0] == IDS[int(np.argmax(every))]
        same += len({IDS[at] for at in np.argsort(-every)[:40]} & {article for article, _ in found})
    assert same / (40 * 20) > 0.98


def test_few_are_all_compared_in_full(full: Halves) -> None:
    few = hold(IDS[:60], full[:60])
    asked = full[7].astype(np.float32)
    found = Shelf(few).nearest(asked, 40)
    exact = np.argsort(-(full[:60].astype(np.float32) @ asked))[:40]
    assert [article for article, _ in found] == [IDS[at] for at in exact]
    assert len(Shelf(few).nearest(asked, 100)) == 60


class Slow:
    """A database that answers when it is let."""

    def __init__(self) -> None:
        self.asked, self.let = threading.Event(), threading.Event()
        self.times = 0

    def execute(self, _: object) -> Any:
        self.times += 1
        self.asked.set()
        assert self.let.wait(10)
        return SimpleNamespace(one=lambda: (), all=lambda: [])


def test_while_one_reads_them_others_go_on_with_what_there_is(full: Halves, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faq.search.vectors.CHECK_SECONDS", 0.0)
    monkeypatch.setattr("faq.search.vectors.PATIENCE", 0)
    shelf, database = Shelf(hold(IDS[:60], full[:60])), Slow()
    session = cast(Session, database)
    with ThreadPoolExecutor(1) as another:
        reading = another.submit(shelf.look, session)
        assert database.asked.wait(10)
        shelf.look(session)
        assert (database.times, shelf.known) == (1, True)
        database.let.set()
        reading.result(10)
    shelf.look(session)
    assert database.times > 1


def test_those_that_nobody_has_learned_are_left_out(full: Halves) -> None:
    shelf, asked = Shelf(hold(IDS, full)), full[0].astype(np.float32)
    found = shelf.cosines(asked, [IDS[-1] + 1, 4, IDS[-1], IDS[0], 1])
    assert list(found) == [IDS[0], IDS[-1]]
    assert found[IDS[0]] == pytest.approx(1.0, abs=1e-3)
    assert (Shelf().nearest(asked, 5), Shelf().cosines(asked, [1])) == ([], {})
