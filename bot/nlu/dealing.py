"""Texts dealt out, so that each share holds the same part of every intent."""

import numpy as np

from bot.nlu.ridge import Positions


def deal(truth: Positions, shares: int) -> list[Positions]:
    """The places of the texts in each share, in order, drawn once; `truth` is each text's intent."""
    drawn = _drawn(truth)
    return [np.sort(drawn[first::shares]) for first in range(shares)]


def sample(truth: Positions, most: int, least: int) -> Positions:
    """The places of about `most` texts, in order: of each intent the same part, but all of it up to `least` texts."""
    drawn = _drawn(truth)
    nth = np.arange(len(truth)) - np.searchsorted(truth[drawn], truth[drawn])  # of its intent
    quota = np.maximum(least, np.bincount(truth) * most / len(truth))
    return np.sort(drawn[nth < quota[truth[drawn]]])


def _drawn(truth: Positions) -> Positions:
    """The places of all texts, intent by intent, each intent's in an order drawn once."""
    shuffled = np.random.default_rng(7).permutation(len(truth))
    return shuffled[np.argsort(truth[shuffled], kind="stable")]
