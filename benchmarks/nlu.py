"""The understanding alone, in this process on one thread: what it takes to train, to load and to ask, and how right.

`ordinary` asks as a worker does: the embedding only where characters are not sure. Beside it, with RASA_URL set,
the Rasa server of that address with whatever pipeline it has been given, trained on the same sentences.
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
from bot.nlu.benchmark import run_rasa
from bot.nlu.example import Example
from bot.nlu.heldout import Case
from bot.nlu.policy import load
from bot.settings import Settings

PERCENTILES = (50, 95, 99)
TIMES = 2  # the first round pays for what is loaded on first use


def measure() -> dict[str, Any]:
    """Train on the shipped sentences, judge on the tests that were written apart from them."""
    cases = [case for path in heldout.shipped() for case in heldout.read(path)]
    result = {"benchmark": "nlu", **machine.facts(), "embedding": embedding.trouble() or "works", **_embedded(cases)}
    settings = Settings()
    return result | {"rasa": _rasa(settings, cases)} if settings.rasa_url else result


def _embedded(cases: Sequence[Case]) -> dict[str, Any]:
    policy = load()[0]
    categories = {name: own.category for name, own in policy.intents.items()}
    started = time.perf_counter()
    trained, figures = train(shipped.examples(), answered(policy), categories)
    seconds = time.perf_counter() - started
    with tempfile.TemporaryDirectory() as folder:
        trained.save(Path(folder))
        model, load_seconds = _loaded(Path(folder))
    texts = [case.text for case in cases]
    right = [categories[model.predict(case.text).ranking[0][0]] == case.category for case in cases]
    return {
        "train_seconds": round(seconds, 1),
        "load_seconds": round(load_seconds, 2),
        "sentences": figures["texts"],
        "tests": len(cases),
        "category_accuracy": round(float(np.mean(right)), 4),
        "sure_by_characters": round(float(np.mean([model.glance(text).sure for text in texts])), 4),
        "characters": _times(model.glance, texts),
        "embedding_alone": _times(embedding.vector.__wrapped__, texts),
        "ordinary": _times(_uncached(model), texts),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _rasa(settings: Settings, cases: Sequence[Case]) -> dict[str, Any]:
    """By category, since that is what the tests name: each sentence is taught as one of its category."""
    intents = load()[0].intents
    learn = [Example(example.text, intents[example.intent].category) for example in shipped.examples()]
    return run_rasa(settings, learn, [Example(case.text, case.category) for case in cases])


def _loaded(folder: Path) -> tuple[Model, float]:
    started = time.perf_counter()
    return Model.load(folder), time.perf_counter() - started


def _uncached(model: Model) -> Callable[[str], Any]:
    """Asking as if nobody had asked the same before."""

    def ask(text: str) -> Any:
        embedding.vector.cache_clear()
        return model.predict(text)

    return ask


def _times(ask: Callable[[str], Any], texts: Sequence[str]) -> dict[str, float]:
    """Milliseconds a text, of the last round."""
    for _ in range(TIMES):
        taken = [_milliseconds(ask, text) for text in texts]
    return {f"p{share}_ms": round(float(np.percentile(taken, share)), 2) for share in PERCENTILES}


def _milliseconds(ask: Callable[[str], Any], text: str) -> float:
    started = time.perf_counter()
    ask(text)
    return (time.perf_counter() - started) * 1000
