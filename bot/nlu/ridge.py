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


def solve(worth: Floats, truth: Positions, classes: int) -> tuple[Floats, Floats]:
    """Weights (texts × classes), and each text's scores without it. `worth` (texts × texts) is used up."""
    targets = np.full((len(truth), classes), -1 / classes, dtype=np.float32)
    targets[np.arange(len(truth)), truth] += 1
    weights, diagonal = _solved(worth, targets)
    return weights, targets - weights / diagonal[:, None]


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
