"""Kernel ridge regression: how much each text learned from should say, and what the others say of it without it.

Both come in closed form from one inverse, so that the scores of a text that it took part in are never learned from.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.nlu.features import Floats

RIDGE = 0.1
Positions = NDArray[np.int64]


class NoSolution(ValueError):
    """The evidence holds something that is no number; with a ridge any other evidence can be weighed."""


def solve(worth: Floats, panel: Positions, truth: Positions, classes: int) -> tuple[Floats, Floats]:
    """Weights (panel × classes), and what the texts of the panel say of each text without it (texts × classes).

    `worth` (texts × panel) is what each of them is worth to each text; `panel` are their places among the texts.
    """
    targets = np.full((len(panel), classes), -1 / classes, dtype=np.float32)
    targets[np.arange(len(panel)), truth[panel]] += 1
    weights, diagonal = _solved(worth[panel], targets)
    said = worth @ weights
    said[panel] = targets - weights / diagonal[:, None]
    return weights, said


def _solved(worth: Floats, targets: Floats) -> tuple[Any, Any]:
    """What solves a symmetric matrix with a ridge, and the diagonal of its inverse, in the matrix's own memory.

    By Cholesky; the inverse itself is never made, since the factor's is enough and costs half as much.
    """
    from scipy.linalg import lapack

    worth[np.diag_indices_from(worth)] += RIDGE
    factor, failed = lapack.spotrf(worth.T, lower=1, overwrite_a=1)
    if not failed:
        weights, failed = lapack.spotrs(factor, targets, lower=1)
    if not failed:
        half, failed = lapack.strtri(factor, lower=1, overwrite_c=1)
    if failed:
        raise NoSolution(f"no inverse ({failed})")
    return weights, np.einsum("ij,ij->j", half, half)
