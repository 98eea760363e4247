"""All texts learned from bear witness, in panels: each is weighed by itself, and what the panels say is averaged.

To weigh all at once would take the cube of their number, and the memory of its square. A text is heard by every panel:
by its own without it, by the others as a stranger.
"""

from dataclasses import dataclass

import numpy as np

from bot.nlu import dealing, ridge
from bot.nlu.features import Floats
from bot.nlu.ridge import Positions

MOST = 12_000  # texts of a panel; panels of fifteen thousand took half as long again and judged alike


def deal(truth: Positions) -> list[Positions]:
    """The texts of each panel: as few panels as may be."""
    return dealing.deal(truth, -(-len(truth) // MOST))


@dataclass(frozen=True)
class Testimony:
    """What the panels say, while they are heard one by one: how much each text says for each intent (texts × classes),
    what all say of each text without it (texts × classes), and the worth of its best witness."""

    truth: Positions
    panels: int
    weights: Floats
    said: Floats
    nearest: Floats

    @classmethod
    def of(cls, truth: Positions, classes: int, panels: int) -> "Testimony":
        """Nobody is heard yet."""
        weights, said = (np.zeros((len(truth), classes), np.float32) for _ in range(2))
        return cls(truth, panels, weights, said, np.zeros(len(truth), np.float32))

    def hear(self, panel: Positions, worth: Floats) -> None:
        """What the texts of a panel say of all texts, to which they are worth this much (texts × panel)."""
        weights, said = ridge.solve(worth, panel, self.truth, self.weights.shape[1])
        self.weights[panel] = weights / self.panels
        self.said[:] += said / self.panels
        np.maximum(self.nearest, _nearest(worth, panel), out=self.nearest)


def _nearest(worth: Floats, panel: Positions) -> Floats:
    """What each text's best witness in the panel is worth, itself left out."""
    itself = panel, np.arange(len(panel))
    own, worth[itself] = worth[itself], 0
    best = worth.max(axis=1)
    worth[itself] = own
    return np.asarray(best)
