"""The second stage: a softmax regression over what the witnesses say, which has learned where they mislead.

It is trained on what was said of texts by others, and half trusts the first witnesses as they are (they mislead less
where there is little to learn from). It is the mean of two, each of which learned from half of the texts: so of each
text the verdict of one is known that did not learn from it, at the cost of one training.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.nlu.dealing import deal
from bot.nlu.features import Floats
from bot.nlu.ridge import Positions

LOUDNESS = 5.0  # what is said lies between 0 and 1; louder, the regression converges sooner
LOOSENESS = 1.0  # inverse strength of regularisation
TRUST = 3.0
ROUNDS = 100
ENOUGH = 1e-4  # of slope of the mean loss: looser, this scikit-learn stops where the older one in Rasa goes on
FOLDS = 2
NEVER = -20.0  # the score of an intent that a fold has no text of


@dataclass(frozen=True)
class Judge:
    """Weights (what is said × classes) and biases."""

    weights: Floats
    bias: Floats

    def scores(self, said: Floats) -> Any:
        """One score a class. Not by BLAS, whose threads spin for a core they do not get."""
        return np.einsum("...i,ij->...j", said, self.weights) + self.bias


def fit(said: Floats, truth: Positions, classes: int) -> Judge:
    """The judge of what was said of texts (in each row the first witnesses' scores for all classes come first)."""
    from sklearn.linear_model import LogisticRegression  # takes a second to import; only who trains needs it

    fitted = LogisticRegression(C=LOOSENESS, max_iter=ROUNDS, tol=ENOUGH).fit(LOUDNESS * said, truth)
    coefficients, bias = fitted.coef_, fitted.intercept_
    if len(fitted.classes_) == 2:
        coefficients, bias = np.vstack([-coefficients, coefficients]) / 2, np.hstack([-bias, bias]) / 2
    weights = np.zeros((said.shape[1], classes), dtype=np.float32)
    biases = np.full(classes, NEVER, dtype=np.float32)
    weights[:, fitted.classes_], biases[fitted.classes_] = LOUDNESS * coefficients.T, bias
    weights[np.arange(classes), np.arange(classes)] += TRUST
    return Judge(weights, biases)


def taught(said: Floats, truth: Positions, classes: int) -> tuple[Judge, Floats]:
    """The mean of the judges of the folds, and the scores of each text by those who did not learn from it."""
    scores = np.zeros((len(truth), classes), dtype=np.float32)
    judges = []
    for held in deal(truth, FOLDS):
        kept = np.setdiff1d(np.arange(len(truth)), held)
        judges.append(fit(said[kept], truth[kept], classes))
        scores[held] = judges[-1].scores(said[held])
    weights, bias = (np.mean(parts, axis=0) for parts in zip(*((one.weights, one.bias) for one in judges), strict=True))
    return Judge(weights, bias), scores
