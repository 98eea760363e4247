"""From scores to honest probabilities, and from those to the threshold that keeps a promised rate of errors.

Everything is learned from out-of-fold scores: what the classifier said of texts it had not seen.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
TEMPERATURES = tuple(np.geomspace(0.15, 4.0, 40))
MARGINS = (0.05, 0.1, 0.2, 0.3)
ENOUGH = 20  # fewer judged texts than this prove nothing


@dataclass(frozen=True)
class Threshold:
    """Act from this confidence on, if it is this far above the runner-up's."""

    accept: float = 1.0
    margin: float = 0.0


def probabilities(scores: Any, temperature: float) -> Floats:
    """Softmax of scores, one row a text, softened or sharpened by `temperature`."""
    scaled = np.asarray(scores, dtype=np.float64) / temperature
    grown = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=-1, keepdims=True), dtype=np.float64)


def temperature(scores: Any, truth: NDArray[np.int64]) -> float:
    """The temperature under which the true classes are likeliest."""
    rows = np.arange(len(truth))

    def surprise(candidate: float) -> float:
        return float(-np.log(probabilities(scores, candidate)[rows, truth] + 1e-12).mean())

    return float(min(TEMPERATURES, key=surprise))


def choose(confidence: Floats, margin: Floats, wrong: Flags, target: float) -> Threshold:
    """The threshold that acts most often while at most `target` of what it acts on is wrong."""
    best, most = Threshold(), 0
    for clear in MARGINS:
        acted = margin >= clear
        accept = _lowest(confidence[acted], wrong[acted], target)
        covered = int((confidence[acted] >= accept).sum())
        if covered > most:
            best, most = Threshold(accept, clear), covered
    return best


def _lowest(confidence: Floats, wrong: Flags, target: float) -> float:
    """The lowest confidence from which on the rate of wrong verdicts stays within `target`."""
    order = np.argsort(-confidence)
    acted, errors = np.arange(1, len(order) + 1), np.cumsum(wrong[order])
    within = np.flatnonzero((acted >= ENOUGH) & (errors <= target * acted))
    return float(confidence[order][within[-1]]) if len(within) else 1.0


def risk_coverage(confidence: Floats, wrong: Flags, points: int = 20) -> list[dict[str, float]]:
    """Error rate among the surest texts, from the surest few to all."""
    order = np.argsort(-confidence)
    errors = np.cumsum(wrong[order]) / np.arange(1, len(order) + 1)
    ends = np.unique(np.linspace(1, len(order), points + 1).astype(int)[1:]) - 1
    return [
        {
            "coverage": round((end + 1) / len(order), 4),
            "risk": round(float(errors[end]), 4),
            "confidence": round(float(confidence[order][end]), 4),
        }
        for end in ends
    ]
