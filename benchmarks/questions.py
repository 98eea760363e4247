"""Questions as customers ask them, no two alike, told apart by how the understanding decides them.

What characters decide costs a fraction of a millisecond; the rest needs the sentence embedding. Embeddings are
cached by folded text without its courtesies, so a question counts as another one only if that is.
"""

import itertools
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.dialogue import is_unfinished
from bot.language import bare, requests
from bot.nlu import shipped
from bot.nlu.features import prepare
from bot.nlu.model import Model

OPENINGS = (
    "",
    "請問",
    "想請教一下",
    "不好意思請問",
    "您好,",
    "打擾了,",
    "哈囉我想知道",
    "那個...",
    "幫我看一下",
    "小編",
)
CLOSINGS = ("", "謝謝", "拜託了", "麻煩你", "急", "再跟我說", "有人知道嗎", "感恩", "等你們回覆", "先謝過")


class _NotDecided(Exception):
    """Characters alone were not sure."""


class _Characters(Model):
    """The model without its embedding."""

    def _with_embedding(self, *_: Any) -> Any:
        raise _NotDecided


def distinct(release: Path, by_characters: bool, seed: int = 3) -> Iterator[str]:
    """Questions that the release in this folder decides by characters alone, or that need the embedding as a whole."""
    model, seen = _Characters.load(release), set()
    for text in _variants(random.Random(seed)):
        embedded = bare(prepare(text))
        if embedded not in seen and not is_unfinished(text) and _fits(model, text, by_characters):
            seen.add(embedded)
            yield text


def mixed(release: Path, share_by_characters: float, seed: int = 4) -> Iterator[str]:
    """Questions of both kinds in the proportion of real traffic."""
    kinds = {kind: distinct(release, kind, seed) for kind in (True, False)}
    dice = random.Random(seed)
    return (next(kinds[dice.random() < share_by_characters]) for _ in itertools.count())


def _fits(model: Model, text: str, by_characters: bool) -> bool:
    """A turn looks at the parts of a message too: by characters means that none of them needs more."""
    if not by_characters:
        return not _decided(model, text)
    return all(_decided(model, part) for part in {text, *requests(text)})


def _decided(model: Model, text: str) -> bool:
    try:
        model.predict(text)
    except _NotDecided:
        return False
    return True


def _variants(dice: random.Random) -> Iterator[str]:
    texts = [example.text for example in shipped.examples()]
    while True:
        yield dice.choice(OPENINGS) + dice.choice(texts) + dice.choice(CLOSINGS)
