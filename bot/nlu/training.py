"""Training: fit the two views, judge them out of fold, calibrate, and choose what is sure enough to act on.

Scikit-learn is needed here only; the model it leaves behind is arrays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.nlu.calibration import Flags, Floats, Threshold, choose, probabilities, risk_coverage, temperature
from bot.nlu.embedding import vectors
from bot.nlu.features import prepare
from bot.nlu.model import Model, Space, View, together
from bot.nlu.training_data import Example

Truth = NDArray[np.int64]
LOOSE_CHARACTERS, LOOSE_MEANING = 10.0, 5.0  # inverse strength of regularisation
ROUNDS = 60
FOLDS, MANY = 5, 4000
NEVER = -20.0  # the score of an intent that a fold has no text of
STRANGE = 0.01  # this share of known texts may count as strange


@dataclass(frozen=True)
class Targets:
    """At most these shares may be wrong: of automatic answers, and of hand-overs to a person."""

    answers: float = 0.05
    handovers: float = 0.15


@dataclass(frozen=True)
class _Judged:
    """One view's out-of-fold verdicts."""

    temperature: float
    top: Truth
    confidence: Floats
    margin: Floats
    wrong: Flags

    def where(self, chosen: Flags) -> "_Judged":
        return _Judged(
            self.temperature, self.top[chosen], self.confidence[chosen], self.margin[chosen], self.wrong[chosen]
        )


@dataclass(frozen=True)
class _Chosen:
    """The thresholds of one view, and which of its verdicts pass them."""

    answer: Threshold
    handover: Threshold
    passed: Flags


def train(
    examples: Sequence[Example], answered: frozenset[str], targets: Targets | None = None
) -> tuple[Model, dict[str, Any]]:
    """The model of `examples`, and its figures. `answered` are the intents that are answered automatically."""
    targets = targets or Targets()
    texts = [prepare(example.text) for example in examples]
    intents = tuple(sorted({example.intent for example in examples}))
    truth = np.array([intents.index(example.intent) for example in examples], dtype=np.int64)
    automatic = np.array([intent in answered for intent in intents])
    embedded = vectors(texts)
    lean, full, near = _out_of_fold(texts, embedded, truth, len(intents))
    early = _choose(lean, automatic, np.ones(len(texts), dtype=bool), targets)
    late = _choose(full, automatic, ~early.passed, targets)
    space = Space.learn(texts, embedded)
    model = Model(
        intents,
        answered & set(intents),
        space,
        float(np.quantile(near, STRANGE)),
        View(
            *_fit(space.vocabulary.matrix(texts), truth, len(intents), LOOSE_CHARACTERS),
            lean.temperature,
            early.answer,
            early.handover,
        ),
        View(
            *_fit(space.centred(embedded), truth, len(intents), LOOSE_MEANING),
            full.temperature,
            late.answer,
            late.handover,
        ),
    )
    return model, _figures(lean, full, early, late, automatic)


def _out_of_fold(texts: list[str], embedded: Any, truth: Truth, classes: int) -> tuple[_Judged, _Judged, Floats]:
    """Both views' verdicts on texts they have not seen, and how near each of those is to what they have seen."""
    lean, full = np.zeros((len(texts), classes)), np.zeros((len(texts), classes))
    near = np.zeros(len(texts))
    for held in _folds(truth):
        kept = np.setdiff1d(np.arange(len(texts)), held)
        space = Space.learn([texts[at] for at in kept], embedded[kept])
        rows, directions = space.vocabulary.matrix(texts), space.centred(embedded)
        lean[held] = _scores(rows[kept], truth[kept], rows[held], classes, LOOSE_CHARACTERS)
        meaning = _scores(directions[kept], truth[kept], directions[held], classes, LOOSE_MEANING)
        full[held] = together(lean[held], meaning)
        near[held] = [space.nearness(direction) for direction in directions[held]]
    return _judge(lean, truth), _judge(full, truth), near


def _folds(truth: Truth) -> list[Truth]:
    """Every intent spread evenly over the folds; with many texts two folds tell as much as five."""
    shuffled = np.random.default_rng(7).permutation(len(truth))
    ordered = shuffled[np.argsort(truth[shuffled], kind="stable")]
    count = FOLDS if len(truth) < MANY else 2
    return [ordered[first::count] for first in range(count)]


def _scores(rows: Any, truth: Truth, unseen: Any, classes: int, looseness: float) -> Any:
    weights, bias = _fit(rows, truth, classes, looseness)
    return unseen @ weights + bias


def _fit(rows: Any, truth: Truth, classes: int, looseness: float) -> tuple[Any, Any]:
    """Weights (features × intents) and biases of a multinomial logistic regression."""
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=looseness, max_iter=ROUNDS).fit(rows, truth)
    coefficients, bias = fitted.coef_, fitted.intercept_
    if len(fitted.classes_) == 2:
        coefficients, bias = np.vstack([-coefficients, coefficients]) / 2, np.hstack([-bias, bias]) / 2
    weights = np.zeros((coefficients.shape[1], classes), dtype=np.float32)
    biases = np.full(classes, NEVER, dtype=np.float32)
    weights[:, fitted.classes_], biases[fitted.classes_] = coefficients.T, bias
    return weights, biases


def _judge(scores: Any, truth: Truth) -> _Judged:
    heat = temperature(scores, truth)
    chances = probabilities(scores, heat)
    ordered = np.sort(chances, axis=1)
    top = chances.argmax(axis=1)
    return _Judged(heat, top, ordered[:, -1], ordered[:, -1] - ordered[:, -2], top != truth)


def _choose(judged: _Judged, automatic: Flags, left: Flags, targets: Targets) -> _Chosen:
    """The thresholds of a view, from the texts that are `left` to it."""
    answers = automatic[judged.top]
    answer = _threshold(judged.where(left & answers), targets.answers)
    handover = _threshold(judged.where(left & ~answers), targets.handovers)
    passed = np.where(answers, _passes(judged, answer), _passes(judged, handover))
    return _Chosen(answer, handover, passed & left)


def _threshold(judged: _Judged, target: float) -> Threshold:
    return choose(judged.confidence, judged.margin, judged.wrong, target)


def _passes(judged: _Judged, threshold: Threshold) -> Flags:
    return (judged.confidence >= threshold.accept) & (judged.margin >= threshold.margin)


def _figures(lean: _Judged, full: _Judged, early: _Chosen, late: _Chosen, automatic: Flags) -> dict[str, Any]:
    """What a release is judged by, all out of fold."""
    wrong = np.where(early.passed, lean.wrong, full.wrong)
    sure = early.passed | late.passed
    answers = sure & automatic[np.where(early.passed, lean.top, full.top)]
    return {
        "texts": len(wrong),
        "intents": len(automatic),
        "accuracy": _share(~wrong),
        "accuracy_by_characters": _share(~lean.wrong),
        "sure": _share(sure),
        "sure_by_characters": _share(early.passed),
        "wrong_when_sure": _share(wrong[sure]),
        "answered": _share(answers),
        "wrong_when_answered": _share(wrong[answers]),
        "wrong_when_handed_over": _share(wrong[sure & ~answers]),
        "accept_answer": round(late.answer.accept, 4),
        "accept_handover": round(late.handover.accept, 4),
        "risk_coverage": risk_coverage(full.confidence, full.wrong),
    }


def _share(flags: Flags) -> float:
    return round(float(flags.mean()), 4) if len(flags) else 0.0
