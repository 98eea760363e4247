"""What is done about an intent. Which of two intents a person reads is of no matter; whether one answers is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Acts:
    """The intents, the category of each, and which of them are answered automatically."""

    intents: tuple[str, ...]
    categories: tuple[str, ...]
    answered: frozenset[str]

    @classmethod
    def of(cls, intents: Sequence[str], categories: Mapping[str, str], answered: frozenset[str]) -> "Acts":
        """The acts on some intents; one without a category is a category of its own."""
        named = tuple(sorted(set(intents)))
        return cls(named, tuple(categories.get(name, name) for name in named), answered & set(named))

    @cached_property
    def automatic(self) -> Flags:
        return np.array([intent in self.answered for intent in self.intents])

    @cached_property
    def category(self) -> NDArray[np.int64]:
        """The category of each intent, by number."""
        return np.unique(self.categories, return_inverse=True)[1].astype(np.int64)

    @cached_property
    def same(self) -> Flags:
        """Which intents may be taken for which without harm: those of a category, if all or none are answered."""
        alike = self.category[:, None] == self.category
        return np.asarray(alike & (self.automatic[:, None] == self.automatic))

    def best(self, chances: Any) -> tuple[Any, Any]:
        """The likeliest intent of the likeliest category, and the odds of acting on it against the strongest other
        act; one a row of chances."""
        belongs = self.category == np.arange(self.category.max() + 1)[:, None]
        by_category = np.einsum("...i,ci->...c", chances, belongs.astype(float))
        likely = np.where(self.category == by_category.argmax(axis=-1)[..., None], chances, -1)
        top = likely.argmax(axis=-1)
        together = (chances * self.same[top]).sum(axis=-1)
        against = np.where(self.same[top], 0, chances).max(axis=-1)
        return top, together / (together + against)
