"""How much the sentences of an intent are written like the others of it, and which are written more like another's."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.nlu.nearness import Nearness
from faq.training import seed
from faq.training.working import Line, Working

LEAST = 0.2  # what is less alike tells nothing
PULLED = 0.7  # so alike to another intent's, and more than to any of its own, that it should be looked at
MOST = 200  # sentences that are looked at for one page


@dataclass(frozen=True)
class Likeness:
    """The nearest other sentence of the same intent, and the nearest of another one, with how alike they are."""

    own: float = 0.0
    other: float = 0.0
    others: Line | None = None

    @property
    def pulled(self) -> bool:
        return self.other >= PULLED and self.other > self.own

    def near(self, line: Line, alike: float, *, own: bool) -> "Likeness":
        """The same, where this sentence is nearer than any so far."""
        if own:
            return Likeness(max(self.own, alike), self.other, self.others)
        return Likeness(self.own, alike, line) if alike > self.other else self


def likeness(working: Working, lines: Sequence[Line]) -> Mapping[str, Likeness]:
    """Of each of these sentences, by key."""
    looked = lines[:MOST]
    if not looked:
        return {}
    found = {line.key: Likeness() for line in looked}
    for at, other, alike in _pairs(working, [seed.sentence(line.text).form for line in looked]):
        line = looked[at]
        if other.key != line.key:
            found[line.key] = found[line.key].near(other, alike, own=other.intent == line.intent)
    return found


def _pairs(working: Working, forms: Sequence[str]) -> Iterator[tuple[int, Line, float]]:
    """Each of the texts by its number with the sentences of the working copy that are like it."""
    shipped, own = seed.sentences(), [line for line in working.edits if line.change == "added"]
    for at, number, alike in seed.nearness().likes(forms, LEAST):
        if line := working.by_key.get(shipped[number][0]):
            yield at, line, alike
    if own:
        written = Nearness([seed.sentence(line.text).form for line in own])
        yield from ((at, own[number], alike) for at, number, alike in written.likes(forms, LEAST))
