"""The understanding alone, in this process on one thread: what it takes to train, to load and to ask, and how right.

`ordinary` asks as a worker does: the embedding only where characters are not sure.
"""

import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import machine
from bot.matrix import answered
from bot.nlu import embedding, heldout, shipped
from bot.nlu.algorithm import Model, train
from bot.nlu.heldout import Case
from bot.nlu.policy import load

PERCENTILES = (50, 95, 99)
TIMES = 2  # the first round pays for what is loaded on first use


def measure() -> dict[str, Any]:
    """Train on the shipped sentences, judge on the tests that were written apart from them."""
    facts = {"benchmark": "nlu", **machine.facts(), "embedding": embedding.trouble() or "works"}
    model, cost = trained()
    return facts | cost | judged(model, cases())


def cases() -> list[Case]:
    return [case for path in heldout.shipped() for case in heldout.read(path)]


def categories() -> dict[str, str]:
    """The category of each intent."""
    return {name: own.category for name, own in load()[0].intents.items()}


def trained() -> tuple[Model, dict[str, Any]]:
    """The model of the shipped sentences, as it is loaded again; and what that took."""
    started, spent = time.perf_counter(), time.process_time()
    model, figures = train(shipped.examples(), answered(load()[0]), categories())
    cost = {
        "train_seconds": round(time.perf_counter() - started, 1),
        "train_cpu_seconds": round(time.process_time() - spent, 1),
        "sentences": figures["texts"],
    }
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder))
        started = time.perf_counter()
        loaded = Model.load(Path(folder))
    return loaded, cost | {"load_seconds": round(time.perf_counter() - started, 2)}


def judged(model: Model, tests: Sequence[Case]) -> dict[str, Any]:
    """How right the model is, and how fast."""
    texts = [case.text for case in tests]
    category = categories()
    right = [category[model.predict(case.text).ranking[0][0]] == case.category for case in tests]
    return {
        "tests": len(tests),
        "category_accuracy": round(float(np.mean(right)), 4),
        "sure_by_characters": round(float(np.mean([model.glance(text).sure for text in texts])), 4),
        "characters": _times(model.glance, texts),
        "embedding_alone": _times(embedding.vector.__wrapped__, texts),
        "with_embedding": _times(_uncached(model), [text for text in texts if not model.glance(text).sure]),
        "ordinary": _times(_uncached(model), texts),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def percentiles(milliseconds: Sequence[float]) -> dict[str, float]:
    return {f"p{share}_ms": round(float(np.percentile(milliseconds, share)), 2) for share in PERCENTILES}


def milliseconds(ask: Callable[[str], Any], text: str) -> float:
    started = time.perf_counter()
    ask(text)
    return (time.perf_counter() - started) * 1000


def _uncached(model: Model) -> Callable[[str], Any]:
    """Asking as if nobody had asked the same before."""

    def ask(text: str) -> Any:
        embedding.vector.cache_clear()
        return model.predict(text)

    return ask


def _times(ask: Callable[[str], Any], texts: Sequence[str]) -> dict[str, float]:
    """Of the last round. The time of the processor is the same on a busy machine."""
    for _ in range(TIMES):
        spent = time.process_time()
        taken = [milliseconds(ask, text) for text in texts]
        spent = time.process_time() - spent
    return percentiles(taken) | {"cpu_ms": round(spent * 1000 / len(texts), 2)}
