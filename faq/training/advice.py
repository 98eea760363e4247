"""What is said of sentences while they are typed: what will be refused, and what is nearly there already."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.errors import Refused
from faq.training import seed
from faq.training.editing import refusal
from faq.training.nearby import Neighbour, neighbours
from faq.training.working import Working

MOST = 20  # lines that are looked at while somebody types


@dataclass(frozen=True)
class Advice:
    """One line that was typed: why it cannot be added, or the sentences that it nearly repeats."""

    text: str
    refused: Refused | None
    twins: tuple[Neighbour, ...]


def advise(working: Working, intent: str, lines: Iterable[str]) -> Iterator[Advice]:
    """Of each line with which something is the matter."""
    texts = dict.fromkeys(text for line in lines if (text := " ".join(line.split())))
    for text in list(texts)[:MOST]:
        one = seed.sentence(text, intent)
        refused = refusal(one, working.by_key.get(seed.key(one)), working.policy)
        twins = () if refused else tuple(near for near in neighbours(working, text) if near.twin)
        if refused or twins:
            yield Advice(text, refused, twins)
