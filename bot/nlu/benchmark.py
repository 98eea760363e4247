"""Measuring an engine on data that somebody else wrote: accuracy, coverage when sure, latency."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bot.nlu.rasa import Rasa
from bot.nlu.rasa_training import trained_on
from bot.nlu.training_data import Example
from bot.settings import Settings

Guess = Callable[[str], tuple[str, bool]]


def run_embedded(learn: Sequence[Example], judge: Sequence[Example]) -> dict[str, Any]:
    """Train the embedded engine on `learn` and judge it on `judge`."""
    from bot.nlu.training import train

    started = time.perf_counter()
    model, _ = train(learn, frozenset(example.intent for example in learn))
    seconds = time.perf_counter() - started

    def guess(text: str) -> tuple[str, bool]:
        prediction = model.predict(text)
        return prediction.ranking[0][0], prediction.sure

    return {"engine": "embedded", "train_seconds": round(seconds, 2), **_judge(guess, learn, judge)}


def run_rasa(settings: Settings, learn: Sequence[Example], judge: Sequence[Example]) -> dict[str, Any]:
    """Have the server of RASA_URL train on `learn`, load that model, and judge it on `judge`."""
    server = Rasa(settings)

    def guess(text: str) -> tuple[str, bool]:
        understanding = server.ask([text])[0]
        return understanding.ranking[0][0], understanding.sure

    started = time.perf_counter()
    with trained_on(server, learn):
        seconds = time.perf_counter() - started
        return {"engine": "rasa", "train_seconds": round(seconds, 2), **_judge(guess, learn, judge)}


def _judge(guess: Guess, learn: Sequence[Example], judge: Sequence[Example]) -> dict[str, Any]:
    right, sure, times = [], [], []
    for example in judge:
        started = time.perf_counter()
        intent, certain = guess(example.text)
        times.append((time.perf_counter() - started) * 1000)
        right.append(intent == example.intent)
        sure.append(certain)
    return {**_sizes(learn, judge), **_accuracy(np.array(right), np.array(sure)), **_latency(np.array(times))}


def _sizes(learn: Sequence[Example], judge: Sequence[Example]) -> dict[str, int]:
    return {"train": len(learn), "test": len(judge), "intents": len({example.intent for example in learn})}


def _accuracy(right: Any, sure: Any) -> dict[str, float]:
    return {
        "accuracy": round(float(right.mean()), 4),
        "sure": round(float(sure.mean()), 4),
        "accuracy_when_sure": round(float(right[sure].mean()), 4) if sure.any() else 0.0,
    }


def _latency(times: Any) -> dict[str, float]:
    return {"p50_ms": round(float(np.percentile(times, 50)), 3), "p95_ms": round(float(np.percentile(times, 95)), 3)}
