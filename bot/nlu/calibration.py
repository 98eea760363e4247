"""From scores to honest probabilities, and from those to the threshold that keeps a promised rate of errors.

Everything is learned from out-of-fold scores: what the classifier said of texts it had not seen.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.nlu.acts import Flags

Floats = NDArray[np.float64]
TEMPERATURES = tuple(np.geomspace(0.1, 4.0, 41))
STRANGE = 0.01  # this share of known texts may count as strange
EXACT = 1e-6  # so that a scale learned by another scikit-learn is the same
DIGITS = 4  # of a confidence are told
ENOUGH = 20  # fewer judged texts than this prove nothing
BINS = 10


@dataclass(frozen=True)
class Threshold:
    """Act from this confidence on, if it is this far above the runner-up's."""

    accept: float = 1.0
    margin: float = 0.0


@dataclass(frozen=True)
class Scale:
    """From the odds of an act against the strongest other to the probability that it is right."""

    slope: float = 1.0
    offset: float = 0.0

    def confidence(self, odds: Any) -> Any:
        return 1 / (1 + np.exp(-self.slope * _logit(odds) - self.offset))


@dataclass(frozen=True)
class Verdicts:
    """What was said of each of many texts: the intent to act on, and how surely."""

    top: NDArray[np.int64]
    confidence: Floats

    def of(self, texts: Flags | NDArray[np.int64]) -> "Verdicts":
        """The verdicts on some of the texts."""
        return Verdicts(self.top[texts], self.confidence[texts])

    def but(self, other: Flags, verdicts: "Verdicts") -> "Verdicts":
        """These verdicts; where `other` is set, those."""
        return Verdicts(np.where(other, verdicts.top, self.top), np.where(other, verdicts.confidence, self.confidence))


def probabilities(scores: Any, temperature: float = 1.0) -> Floats:
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


def scale(odds: Floats, right: Flags) -> Scale:
    """The scale on which odds are honest probabilities, seen that these acts were right.

    Two more texts are imagined, as sure as the surest, one of them wrong: nobody is infallible.
    """
    from sklearn.linear_model import LogisticRegression  # takes a second to import; only who trains needs it

    seen = np.append(odds, [odds.max()] * 2)
    fitted = LogisticRegression(tol=EXACT).fit(_logit(seen)[:, None], np.append(right, [True, False]))
    return Scale(float(fitted.coef_[0, 0]), float(fitted.intercept_[0]))


def choose(confidence: Floats, wrong: Flags, allowed: float) -> Threshold:
    """The lowest threshold from which on no more than `allowed` texts are acted on wrongly."""
    order = np.argsort(-confidence)
    acted, errors = np.arange(1, len(order) + 1), np.cumsum(wrong[order])
    within = np.flatnonzero((acted >= ENOUGH) & (errors <= allowed))
    if not len(within):
        return Threshold()
    lowest = float(confidence[order][within[-1]])
    return Threshold(math.floor(lowest * 10**DIGITS) / 10**DIGITS)


def _logit(odds: Any) -> Any:
    kept = np.clip(odds, 1e-6, 1 - 1e-6)
    return np.log(kept / (1 - kept))


def risk_coverage(confidence: Floats, wrong: Flags, points: int = 20) -> list[dict[str, float]]:
    """Error rate among the surest texts, from the surest few to all."""
    if not len(confidence):
        return []
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


def reliability(confidence: Floats, wrong: Flags) -> list[dict[str, float]]:
    """What was promised and what was kept, by tenths of confidence."""
    tenth = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return [
        {
            "texts": int((tenth == at).sum()),
            "confidence": round(float(confidence[tenth == at].mean()), 4),
            "accuracy": round(float(1 - wrong[tenth == at].mean()), 4),
        }
        for at in range(BINS)
        if (tenth == at).any()
    ]
