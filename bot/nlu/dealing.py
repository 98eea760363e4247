"""Texts dealt out, so that each share holds the same part of every intent."""

import numpy as np

from bot.nlu.ridge import Positions


def deal(truth: Positions, shares: int) -> list[Positions]:
    """The places of the texts in each share, in order, drawn once; `truth` is each text's intent."""
    shuffled = np.random.default_rng(7).permutation(len(truth))
    by_intent = shuffled[np.argsort(truth[shuffled], kind="stable")]
    return [np.sort(by_intent[first::shares]) for first in range(shares)]
