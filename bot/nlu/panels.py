"""All texts learned from bear witness, in panels: each is weighed by itself, and what the panels say is averaged.

To weigh all at once would take the cube of their number, and the memory of its square. What they say is known of a
sample of the texts: every panel hears it, a text's own panel without that text, the others as a stranger.
"""

from dataclasses import dataclass

import numpy as np

from bot.nlu import dealing, ridge
from bot.nlu.features import Floats
from bot.nlu.ridge import Positions

MOST = 12_000  # texts of a panel; panels of fifteen thousand took half as long again and judged alike
HEARD = 14_000  # texts of the sample; judges who learned from more were as right on real messages, and took longer
LEAST = 20  # of each intent; where there are few, a judge needs all


def deal(truth: Positions) -> list[Positions]:
    """The texts of each panel: as few panels as may be."""
    return dealing.deal(truth, -(-len(truth) // MOST))


def sample(truth: Positions) -> Positions:
    """The texts of which all panels are heard."""
    return dealing.sample(truth, HEARD, LEAST)


@dataclass(frozen=True)
class Testimony:
    """What the panels say, while they are heard one by one: how much each text says for each intent (texts × classes),
    what all say of each text of the sample without it (sample × classes), and the worth of its best witness."""

    truth: Positions
    sample: Positions
    panels: int
    weights: Floats
    said: Floats
    nearest: Floats

    @classmethod
    def of(cls, truth: Positions, sample: Positions, classes: int, panels: int) -> "Testimony":
        """Nobody is heard yet."""
        weights, said = (np.zeros((count, classes), np.float32) for count in (len(truth), len(sample)))
        return cls(truth, sample, panels, weights, said, np.zeros(len(sample), np.float32))

    def rows(self, panel: Positions) -> Positions:
        """The texts, in order, to which the worth of a panel's must be known: the sample, and the panel itself."""
        return np.union1d(self.sample, panel)

    def hear(self, panel: Positions, worth: Floats) -> None:
        """What the texts of a panel say of these rows, to which they are worth this much (rows × panel)."""
        rows = self.rows(panel)
        own, heard = np.searchsorted(rows, panel), np.searchsorted(rows, self.sample)
        weights, said = ridge.solve(worth, own, self.truth[rows], self.weights.shape[1])
        self.weights[panel] = weights / self.panels
        self.said[:] += said[heard] / self.panels
        np.maximum(self.nearest, _nearest(worth, own)[heard], out=self.nearest)


def _nearest(worth: Floats, panel: Positions) -> Floats:
    """What each text's best witness in the panel is worth, itself left out."""
    itself = panel, np.arange(len(panel))
    own, worth[itself] = worth[itself], 0
    best = worth.max(axis=1)
    worth[itself] = own
    return np.asarray(best)
