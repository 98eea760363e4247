"""Which sentences of the working copy are written like another one: so that nobody teaches two intents the same."""

from dataclasses import dataclass

from bot.nlu.lint import NEAR
from bot.nlu.nearness import Nearness
from faq.training import seed
from faq.training.working import Line, Working

MOST = 3
LOOKED_AT = 12  # of the files' sentences, some of which may be removed by now


@dataclass(frozen=True)
class Neighbour:
    """A sentence of the working copy, and how alike another one is to it."""

    line: Line
    alike: float

    @property
    def twin(self) -> bool:
        """So alike that both teach the same."""
        return self.alike >= NEAR


def neighbours(working: Working, text: str) -> list[Neighbour]:
    """The sentences written most like this one, the most alike first."""
    form = seed.sentence(text).form
    shipped = seed.nearness().nearest(form, LOOKED_AT)
    found = [(seed.sentences()[at][0], cosine) for at, cosine in shipped]
    own = [line for line in working.edits if line.change == "added"]
    if own:
        written = Nearness([seed.sentence(line.text).form for line in own])
        found += [(own[at].key, cosine) for at, cosine in written.nearest(form, MOST)]
    held = {key: cosine for key, cosine in sorted(found, key=lambda one: one[1]) if key in working.by_key}
    best = sorted(held.items(), key=lambda one: -one[1])[:MOST]
    return [Neighbour(working.by_key[key], cosine) for key, cosine in best]
