"""The sentences that are learned from, as content staff keep them: the shipped files, and what was changed of them."""

from faq.training.advice import Advice, advise
from faq.training.editing import Added, Left, add, merge, move, remove, return_to, split, take_back
from faq.training.intents import drafted, make
from faq.training.likeness import likeness
from faq.training.working import Line, Working

__all__ = [
    "Added",
    "Advice",
    "Left",
    "Line",
    "Working",
    "add",
    "advise",
    "drafted",
    "likeness",
    "make",
    "merge",
    "move",
    "remove",
    "return_to",
    "split",
    "take_back",
]
